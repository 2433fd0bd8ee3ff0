/* platform/linux/parse.h - what the kernel's text says. Pure: no file, no clock, no memory of its own.
 *
 * text needs no NUL and may hold anything: what is not understood is MALFORMED, and *ret is then untouched.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_PARSE_H
#define PICKET_PLATFORM_LINUX_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/cpu.h"
#include "platform/disks.h"
#include "platform/load.h"
#include "platform/memory.h"
#include "platform/network.h"
#include "platform/pressure.h"
#include "platform/proclist.h"
#include "platform/uptime.h"

struct err plat_cpu_parse(const char *text, size_t len, struct plat_cpus *ret);          /* /proc/stat */
struct err plat_load_parse(const char *text, size_t len, struct plat_load *ret);         /* /proc/loadavg */
struct err plat_memory_parse(const char *text, size_t len, struct plat_memory *ret);     /* /proc/meminfo */
struct err plat_swap_parse(const char *text, size_t len, struct plat_swap *ret);         /* /proc/meminfo */
struct err plat_uptime_parse(const char *text, size_t len, double *ret_s);               /* /proc/uptime */
struct err plat_pressure_parse(const char *text, size_t len, struct plat_pressure *ret); /* /proc/pressure/ */
struct err plat_kills_parse(const char *text, size_t len, uint64_t *ret);                /* /proc/vmstat */

/* /proc/stat, the lines of single CPUs; MALFORMED if one is of another form, then some were already given. */
struct err plat_cpu_parse_each(const char *text, size_t len, plat_cpu_fn *each, void *context);

/* /proc/diskstats. Every row, partitions too, with the major number of its device; rows of another form (partitions
 * before Linux 2.6.25) are passed over. MALFORMED if no row was understood though there is text. */
typedef void plat_diskstats_fn(void *context, const struct plat_disk *disk, uint64_t major_number);
struct err   plat_diskstats_parse(const char *text, size_t len, plat_diskstats_fn *each, void *context);

/* /proc/net/dev. Every interface; MALFORMED if any row is of another form, then some were already given. */
struct err plat_netdev_parse(const char *text, size_t len, plat_interface_fn *each, void *context);

/* /proc/PID/stat. False if it is of another form, or the name does not fit. */
struct plat_proc_units {
    uint64_t ticks_per_s, page_bytes;
};
bool plat_pidstat_parse(const char *text, size_t len, const struct plat_proc_units *units,
                        char name[PLAT_PROCESS_NAME_MAX], struct plat_process *ret);

/* /etc/os-release: the value of key with its quotes taken off, control characters replaced by blanks; "" if it is not
 * there or does not fit. */
void plat_os_release_parse(const char *text, size_t len, const char *key, char *into, size_t size);

#endif
