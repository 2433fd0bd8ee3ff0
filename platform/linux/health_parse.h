/* platform/linux/health_parse.h - what the kernel's text says about the machine's health. Pure, as parse.h is.
 *
 * text needs no NUL and may hold anything.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_HEALTH_PARSE_H
#define PICKET_PLATFORM_LINUX_HEALTH_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/raid.h"

/* /proc/mdstat. Every array but the containers of firmware RAID (imsm, ddf), which hold arrays and are none. MALFORMED: a
 * row of another form; some may already be given. */
struct err plat_mdstat_parse(const char *text, size_t len, plat_raid_fn *each, void *context);

/* /proc/spl/kstat/zfs/POOL/state: does it lack something? MALFORMED: a state that we do not know. */
struct err plat_zfs_state_parse(const char *text, size_t len, bool *ret_degraded);

/* /sys/fs/btrfs/UUID/devinfo/N/error_stats: each kind of error; MALFORMED where none was understood. */
typedef void plat_btrfs_stat_fn(void *context, const char *kind, uint64_t count);
struct err   plat_btrfs_stats_parse(const char *text, size_t len, plat_btrfs_stat_fn *each, void *context);

#endif
