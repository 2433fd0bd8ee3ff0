/* The kernel's text. The first byte picks the parser, the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "platform/linux/mounts.h"
#include "platform/linux/parse.h"

static void on_disk(void *context, const struct plat_disk *disk, uint64_t major_number)
{
    (void)major_number;
    *(size_t *)context += strlen(disk->name);
}

static void on_interface(void *context, const struct plat_interface *nic)
{
    *(size_t *)context += strlen(nic->name);
}

static void on_cpu(void *context, uint32_t number, const struct plat_cpu *cpu)
{
    *(size_t *)context += number + cpu->ticks[PLAT_CPU_USER];
}

static void fuzz_mounts(const char *text, size_t len)
{
    struct plat_mounts m;

    if (failed(plat_mounts_choose(text, len, &m)))
        return;
    for (size_t i = 0; i < m.count; i++)
        plat_mounts_intent(text, len, &m.items[i]);
    plat_mounts_done(&m);
}

static void fuzz_os_release(const char *text, size_t len)
{
    char value[8];

    plat_os_release_parse(text, len, "ID", value, sizeof value);
    plat_os_release_parse(text, len, "PRETTY_NAME", value, sizeof value);
}

static void fuzz_pidstat(const char *text, size_t len)
{
    static const struct plat_proc_units units = { 100, 65536 };
    char                                name[PLAT_PROCESS_NAME_MAX];
    struct plat_process                 p;

    if (plat_pidstat_parse(text, len, &units, name, &p) && strlen(p.name) >= sizeof name)
        abort();
}

static void parse(int which, const char *text, size_t len)
{
    struct plat_cpus     cpus;
    struct plat_load     load;
    struct plat_memory   memory;
    struct plat_swap     swap;
    struct plat_pressure pressure;
    double               uptime_s;
    uint64_t             kills;
    size_t               sum = 0;

    switch (which) {
    case 'c':
        plat_cpu_parse(text, len, &cpus);
        plat_cpu_parse_each(text, len, on_cpu, &sum);
        break;
    case 'l':
        plat_load_parse(text, len, &load);
        break;
    case 'm':
        if (!failed(plat_memory_parse(text, len, &memory)) &&
            (memory.total_bytes == 0 || memory.available_bytes > memory.total_bytes))
            abort();
        if (!failed(plat_swap_parse(text, len, &swap)) && swap.used_bytes > swap.total_bytes)
            abort();
        break;
    case 'u':
        plat_uptime_parse(text, len, &uptime_s);
        break;
    case 'd':
        plat_diskstats_parse(text, len, on_disk, &sum);
        break;
    case 'n':
        plat_netdev_parse(text, len, on_interface, &sum);
        break;
    case 's':
        fuzz_pidstat(text, len);
        break;
    case 'p':
        plat_pressure_parse(text, len, &pressure);
        break;
    case 'k':
        plat_kills_parse(text, len, &kills);
        break;
    case 'f':
        fuzz_mounts(text, len);
        break;
    case 't':
        plat_fstab_intent(text, len, "/srv");
        break;
    case 'o':
        fuzz_os_release(text, len);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    text = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    parse(data[0], text, size - 1);
    free(text);
    return 0;
}
