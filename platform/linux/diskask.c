#include "platform/linux/diskask.h"

#include <errno.h>
#include <scsi/sg.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

#include <linux/nvme_ioctl.h>

#include "platform/buf.h"

enum { SENSE_BYTES = 64 };

enum plat_disk_answer disk_refusal(int os)
{
    if (os == EPERM || os == EACCES)
        return DISK_DENIED;
    return os == ENOTTY || os == EINVAL || os == EOPNOTSUPP ? DISK_SILENT : DISK_FAILED;
}

bool disk_is_virtual(const char *model)
{
    static const char *const names[] = { "QEMU",           "VBOX",           "VMware",    "Virtual",
                                         "Amazon Elastic", "PersistentDisk", "nvme_card", "Microsoft NVMe",
                                         "Msft",           "XENSRC",         "Nutanix",   "Parallels" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strncasecmp(model, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* ---- SCSI's way: a command, an answer, perhaps sense data ---- */

struct exchange {
    uint8_t command[16], command_len;
    void   *data;
    size_t  data_len; /* 0: no answer is expected */

    uint8_t sense[SENSE_BYTES], sense_len;
    int     os; /* not 0: the system did not carry it */
};

/* Whether the command was carried out and its answer, if any, is there. */
static bool carry(int fd, struct exchange *x)
{
    sg_io_hdr_t io = {
        .interface_id = 'S',
        .dxfer_direction = x->data_len ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
        .cmd_len = x->command_len,
        .cmdp = x->command,
        .dxferp = x->data,
        .dxfer_len = (unsigned)x->data_len,
        .mx_sb_len = SENSE_BYTES,
        .sbp = x->sense,
        .timeout = DISK_PATIENCE_MS,
    };

    if (x->data_len)
        memset(x->data, 0, x->data_len);
    if (ioctl(fd, SG_IO, &io) != 0) {
        x->os = errno;
        return false;
    }
    x->sense_len = io.sb_len_wr;
    return io.host_status == 0 && (io.driver_status & 0x0f) == 0 && io.status == 0 && io.resid >= 0 &&
           (size_t)io.resid <= x->data_len / 2;
}

/* ---- ATA, by ATA PASS-THROUGH (16) ---- */

enum {
    PASS_THROUGH = 0x85,
    NO_DATA = 3 << 1,
    DATA_IN = 4 << 1,
    EXTENDED = 1,
    FLAG_REGISTERS = 0x20, /* tell what is in them afterwards */
    FLAGS_DATA_IN = 0x0e,  /* from the disk, in blocks, as many as the count says */

    CHECK_POWER_MODE = 0xe5,
    IDENTIFY = 0xec,
    READ_LOG = 0x2f,
    SMART = 0xb0,
    SMART_DATA = 0xd0,
    SMART_THRESHOLDS = 0xd1,
    SMART_STATUS = 0xda,
};

struct ata_command {
    uint8_t command, feature, count, lba_low, lba_mid, lba_high;
    bool    extended;
};

static void prepare(struct exchange *x, const struct ata_command *c, void *page)
{
    *x = (struct exchange){ .command_len = 16, .data = page, .data_len = page ? SMART_PAGE_BYTES : 0 };
    x->command[0] = PASS_THROUGH;
    x->command[1] = (uint8_t)((page ? DATA_IN : NO_DATA) | (c->extended ? EXTENDED : 0));
    x->command[2] = page ? FLAGS_DATA_IN : FLAG_REGISTERS;
    x->command[4] = c->feature;
    x->command[6] = c->count;
    x->command[8] = c->lba_low;
    x->command[10] = c->lba_mid;
    x->command[12] = c->lba_high;
    x->command[14] = c->command;
}

static bool read_page(int fd, const struct ata_command *c, uint8_t *page, int *ret_os)
{
    struct exchange x;
    bool            done;

    prepare(&x, c, page);
    done = carry(fd, &x);
    *ret_os = x.os;
    return done;
}

/* The registers come as sense data of a command that "failed". */
static bool read_registers(int fd, const struct ata_command *c, struct smart_registers *ret, int *ret_os)
{
    struct exchange x;

    prepare(&x, c, NULL);
    (void)carry(fd, &x);
    *ret_os = x.os;
    return x.os == 0 && !failed(smart_registers_parse(x.sense, x.sense_len, ret));
}

/* Standby (00h) and the deeper one (01h): a read would start the motor. */
static bool sleeps(const struct smart_registers *r)
{
    return r->count == 0x00 || r->count == 0x01;
}

/* The disk's own verdict is in two registers: C24Fh fine, 2CF4h a threshold was exceeded. */
static void ask_verdict(int fd, struct smart_health *h)
{
    const struct ata_command status = { SMART, SMART_STATUS, 0, 0, 0x4f, 0xc2, false };
    struct smart_registers   r;
    int                      os;

    if (!read_registers(fd, &status, &r, &os))
        return;
    if (r.lba_mid == 0xf4 && r.lba_high == 0x2c)
        h->verdict = SMART_FAILING;
    else if (r.lba_mid == 0x4f && r.lba_high == 0xc2)
        h->verdict = SMART_FINE;
}

static void ask_figures(int fd, const struct smart_ata *a, struct plat_disk_health *disk)
{
    const struct ata_command data = { SMART, SMART_DATA, 1, 0, 0x4f, 0xc2, false };
    const struct ata_command thresholds = { SMART, SMART_THRESHOLDS, 1, 1, 0x4f, 0xc2, false };
    const struct ata_command statistics = { READ_LOG, 0, 1, 0x04, 7, 0, true };
    uint8_t                  page[SMART_PAGE_BYTES], limits[SMART_PAGE_BYTES];
    int                      os;

    if (read_page(fd, &data, page, &os)) {
        bool has_limits = read_page(fd, &thresholds, limits, &os);

        (void)smart_ata_parse(page, has_limits ? limits : NULL, a->is_ssd, &disk->health);
    }
    if (a->is_ssd && a->has_logs && read_page(fd, &statistics, page, &os))
        (void)smart_ata_statistics_parse(page, &disk->health);
}

void disk_ask_ata(int fd, struct plat_disk_health *disk)
{
    const struct ata_command power = { .command = CHECK_POWER_MODE };
    const struct ata_command identify = { .command = IDENTIFY, .count = 1 };
    uint8_t                  page[SMART_PAGE_BYTES];
    struct smart_registers   r;
    struct smart_ata         a;
    int                      os = 0;

    disk->answer = DISK_FAILED;
    if (read_registers(fd, &power, &r, &os) && sleeps(&r)) {
        disk->answer = DISK_ASLEEP;
        return;
    }
    if (os || !read_page(fd, &identify, page, &os) || failed(smart_ata_identity_parse(page, &a))) {
        if (os)
            disk->answer = disk_refusal(os);
        return;
    }
    memcpy(disk->model, a.model, sizeof a.model);
    memcpy(disk->serial, a.serial, sizeof a.serial);
    disk->answer = disk_is_virtual(a.model) ? DISK_VIRTUAL : DISK_SILENT;
    if (disk->answer == DISK_VIRTUAL || !a.smart_is_on)
        return;
    ask_verdict(fd, &disk->health);
    ask_figures(fd, &a, disk);
    disk->answer = disk->health.verdict == SMART_UNKNOWN && disk->health.error_count == 0 ? DISK_FAILED : DISK_TOLD;
}

/* ---- SCSI ---- */

enum { TEST_UNIT_READY = 0x00, LOG_SENSE = 0x4d, CUMULATIVE = 1 << 6, LOG_BYTES = 252 };

static bool read_log(int fd, uint8_t page_code, uint8_t *page, int *ret_os)
{
    struct exchange x = { .command_len = 10, .data = page, .data_len = LOG_BYTES };
    sg_io_hdr_t     io;

    x.command[0] = LOG_SENSE;
    x.command[2] = CUMULATIVE | page_code;
    x.command[8] = LOG_BYTES;
    /* The answer may be shorter than asked for, so this is not carry(). */
    io = (sg_io_hdr_t){ .interface_id = 'S',
                        .dxfer_direction = SG_DXFER_FROM_DEV,
                        .cmd_len = 10,
                        .cmdp = x.command,
                        .dxferp = page,
                        .dxfer_len = LOG_BYTES,
                        .mx_sb_len = SENSE_BYTES,
                        .sbp = x.sense,
                        .timeout = DISK_PATIENCE_MS };
    memset(page, 0, LOG_BYTES);
    if (ioctl(fd, SG_IO, &io) != 0) {
        *ret_os = errno;
        return false;
    }
    return io.status == 0 && io.host_status == 0;
}

/* "Not ready" because it is not spinning (04h/02h), or a low-power condition (5Eh). */
static bool is_at_rest(const struct exchange *x)
{
    uint8_t asc = 0, ascq = 0;

    if (x->sense_len >= 4 && (x->sense[0] & 0x7f) >= 0x72) {
        asc = x->sense[2];
        ascq = x->sense[3];
    } else if (x->sense_len >= 14) {
        asc = x->sense[12];
        ascq = x->sense[13];
    }
    return (asc == 0x04 && ascq == 0x02) || asc == 0x5e;
}

void disk_ask_scsi(int fd, struct plat_disk_health *disk)
{
    struct exchange ready = { .command_len = 6, .command = { TEST_UNIT_READY } };
    uint8_t         page[LOG_BYTES];
    int             os = 0;

    disk->answer = DISK_SILENT;
    if (!carry(fd, &ready)) {
        disk->answer = ready.os ? disk_refusal(ready.os) : is_at_rest(&ready) ? DISK_ASLEEP : DISK_FAILED;
        return;
    }
    if (read_log(fd, 0x2f, page, &os) && !failed(smart_scsi_exceptions_parse(page, LOG_BYTES, &disk->health)))
        disk->answer = DISK_TOLD;
    else if (os)
        disk->answer = disk_refusal(os);
    if (disk->answer == DISK_TOLD && read_log(fd, 0x11, page, &os))
        (void)smart_scsi_media_parse(page, LOG_BYTES, &disk->health);
}

/* ---- NVMe ---- */

void disk_ask_nvme(int fd, struct plat_disk_health *disk)
{
    enum { GET_LOG_PAGE = 0x02, HEALTH = 0x02, ALL_NAMESPACES = -1, DWORDS = SMART_PAGE_BYTES / 4 };
    uint8_t               page[SMART_PAGE_BYTES] = { 0 };
    struct nvme_admin_cmd c = {
        .opcode = GET_LOG_PAGE,
        .nsid = (uint32_t)ALL_NAMESPACES,
        .addr = (uint64_t)(uintptr_t)page,
        .data_len = sizeof page,
        .cdw10 = HEALTH | (DWORDS - 1) << 16,
        .timeout_ms = DISK_PATIENCE_MS,
    };
    int status = ioctl(fd, (int)NVME_IOCTL_ADMIN_CMD, &c) /* musl declares it as an int */;

    if (status < 0)
        disk->answer = disk_refusal(errno);
    else if (status > 0 || failed(smart_nvme_parse(page, &disk->health)))
        disk->answer = DISK_SILENT;
    else
        disk->answer = DISK_TOLD;
}
