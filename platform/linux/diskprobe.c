#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/diskask.h"
#include "platform/linux/sysfile.h"

static const char step[] = "asking disks for their health";

/* ---- which disks there are ---- */

/* Names that stand for disks: SCSI and all that looks like it, virtio, Xen, memory cards. */
static bool is_block_disk(const char *name)
{
    static const char *const begins[] = { "sd", "vd", "xvd", "hd", "mmcblk" };

    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (strncmp(name, begins[i], strlen(begins[i])) == 0 && !strstr(name, "boot") && !strstr(name, "rpmb"))
            return true;
    return false;
}

static bool is_controller(const char *name)
{
    return strncmp(name, "nvme", 4) == 0;
}

typedef bool is_one_fn(const char *name);

/* Until each says false. */
static void each_name(const char *folder, is_one_fn *is_one, bool (*each)(void *context, const char *name),
                      void *context)
{
    DIR *dir = opendir(folder);

    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_one(entry->d_name) && strlen(entry->d_name) < PLAT_DISK_DEVICE_MAX && !each(context, entry->d_name))
            break;
    closedir(dir);
}

static bool found_real(void *context, const char *name)
{
    bool *found = context;

    *found = name[0] != 'v' && name[0] != 'x';
    return !*found;
}

bool plat_disk_health_is_possible(void)
{
    bool found = false;

    each_name("/sys/block", is_block_disk, found_real, &found);
    if (!found)
        each_name("/sys/class/nvme", is_controller, found_real, &found);
    return found;
}

/* ---- what is told without asking the disk ---- */

static void read_text(char *into, size_t size, const char *folder, const char *device, const char *file)
{
    size_t len, from;

    if (failed(sysfile_read(step, into, size, "%s/%s/%s", folder, device, file)))
        return;
    from = strspn(into, " ");
    len = strlen(into + from);
    memmove(into, into + from, len + 1);
    while (len && into[len - 1] == ' ')
        into[--len] = '\0';
    for (char *c = into; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = ' ';
}

/* Is the kernel letting it rest? Opening it would wake it. */
static bool is_suspended(const char *folder, const char *device)
{
    char state[32];

    return !failed(sysfile_read(step, state, sizeof state, "%s/%s/device/power/runtime_status", folder, device)) &&
           strcmp(state, "suspended") == 0;
}

/* How it is connected, by where it hangs. "host3" is the adapter. */
static void find_adapter(const char *device, char *ret_path, size_t size, char *ret_driver, size_t driver_size)
{
    char        link[SYSFILE_PATH_MAX], *real;
    const char *host;

    ret_path[0] = ret_driver[0] = '\0';
    snprintf(link, sizeof link, "/sys/block/%s/device", device);
    real = realpath(link, NULL);
    if (!real)
        return;
    snprintf(ret_path, size, "%s", real);
    host = strstr(real, "/host");
    if (host)
        (void)sysfile_read(step, ret_driver, driver_size, "/sys/class/scsi_host/%.*s/proc_name",
                           (int)strcspn(host + 1, "/"), host + 1);
    free(real);
}

static bool is_raid_controller(const char *driver)
{
    static const char *const drivers[] = { "megaraid", "aacraid", "hpsa", "cciss",  "smartpqi",
                                           "arcmsr",   "3w-",     "ips",  "mpi3mr", "mpt2sas_vd" };

    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        if (strncmp(driver, drivers[i], strlen(drivers[i])) == 0)
            return true;
    return false;
}

static bool is_of_hypervisor(const char *path)
{
    static const char *const buses[] = { "/virtio", "/vmbus", "/vio/", "VMBUS", "/xen" };

    for (size_t i = 0; i < ARRAY_LEN(buses); i++)
        if (strstr(path, buses[i]))
            return true;
    return false;
}

/* ---- one disk ---- */

static void ask(const char *path, struct plat_disk_health *disk,
                void (*question)(int fd, struct plat_disk_health *disk))
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        disk->answer = errno == ENXIO || errno == ENOMEDIUM ? DISK_SILENT : disk_refusal(errno);
        return;
    }
    question(fd, disk);
    close(fd);
}

static void ask_sd(struct plat_disk_health *disk)
{
    char path[SYSFILE_PATH_MAX], driver[32], vendor[16] = "", device[SYSFILE_PATH_MAX];

    find_adapter(disk->device, path, sizeof path, driver, sizeof driver);
    read_text(vendor, sizeof vendor, "/sys/block", disk->device, "device/vendor");
    snprintf(device, sizeof device, "/dev/%s", disk->device);
    disk->behind_raid = is_raid_controller(driver);
    if (is_of_hypervisor(path) || disk_is_virtual(vendor) || disk_is_virtual(disk->model))
        disk->answer = DISK_VIRTUAL;
    else if (strstr(path, "/session")) /* iSCSI: the disk is another machine's */
        disk->answer = DISK_VIRTUAL;
    else if (strstr(path, "/usb") || disk->behind_raid)
        disk->answer = DISK_FOREIGN;
    else if (is_suspended("/sys/block", disk->device))
        disk->answer = DISK_ASLEEP;
    else
        ask(device, disk, strcmp(vendor, "ATA") == 0 ? disk_ask_ata : disk_ask_scsi);
}

/* eMMC tells in files, in tenths of its life: "0x01 0x02" for two kinds of cells; pre_eol_info 2: 80 % of the spare is
 * used, 3: 90 %. SD cards do not tell. */
static void read_emmc(struct plat_disk_health *disk)
{
    char     life[32], eol[16], *rest;
    unsigned a, b, tenths;

    disk->answer = DISK_SILENT;
    if (failed(sysfile_read(step, life, sizeof life, "/sys/block/%s/device/life_time", disk->device)))
        return;
    a = (unsigned)strtoul(life, &rest, 16);
    b = (unsigned)strtoul(rest, NULL, 16);
    tenths = a > b ? a : b;
    if (tenths == 0 || tenths > 11)
        return;
    disk->health.wear = tenths > 10 ? 1 : tenths / 10.0;
    disk->answer = DISK_TOLD;
    read_text(disk->serial, sizeof disk->serial, "/sys/block", disk->device, "device/serial");
    if (!failed(sysfile_read(step, eol, sizeof eol, "/sys/block/%s/device/pre_eol_info", disk->device)))
        disk->health.verdict = strtoul(eol, NULL, 16) == 3 ? SMART_FAILING : SMART_FINE;
}

struct probing {
    plat_disk_health_fn *each;
    void                *context;
};

static void begin(struct plat_disk_health *disk, const char *name)
{
    *disk = (struct plat_disk_health){ .answer = DISK_SILENT };
    snprintf(disk->device, sizeof disk->device, "%s", name);
    smart_health_init(&disk->health);
}

static bool probe_block(void *context, const char *name)
{
    struct probing         *p = context;
    struct plat_disk_health disk;
    char                    there[SYSFILE_PATH_MAX];

    snprintf(there, sizeof there, "/sys/block/%s/device", name);
    if (access(there, F_OK) != 0 && name[0] != 'x')
        return true;
    begin(&disk, name);
    read_text(disk.model, sizeof disk.model, "/sys/block", name, name[0] == 'm' ? "device/name" : "device/model");
    if (name[0] == 's')
        ask_sd(&disk);
    else if (name[0] == 'm')
        read_emmc(&disk);
    else
        disk.answer = DISK_VIRTUAL;
    p->each(p->context, &disk);
    return true;
}

static bool probe_nvme(void *context, const char *name)
{
    struct probing         *p = context;
    struct plat_disk_health disk;
    char                    path[SYSFILE_PATH_MAX], transport[16] = "pcie";

    begin(&disk, name);
    read_text(disk.model, sizeof disk.model, "/sys/class/nvme", name, "model");
    read_text(disk.serial, sizeof disk.serial, "/sys/class/nvme", name, "serial");
    read_text(transport, sizeof transport, "/sys/class/nvme", name, "transport");
    snprintf(path, sizeof path, "/dev/%s", name);
    if (disk_is_virtual(disk.model) || (transport[0] && strcmp(transport, "pcie") != 0))
        disk.answer = DISK_VIRTUAL;
    else if (is_suspended("/sys/class/nvme", name))
        disk.answer = DISK_ASLEEP;
    else
        ask(path, &disk, disk_ask_nvme);
    p->each(p->context, &disk);
    return true;
}

struct err plat_disk_health_probe(plat_disk_health_fn *each, void *context)
{
    struct probing p = { each, context };

    each_name("/sys/block", is_block_disk, probe_block, &p);
    each_name("/sys/class/nvme", is_controller, probe_nvme, &p);
    return err_ok();
}
