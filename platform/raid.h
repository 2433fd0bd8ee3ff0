/* platform/raid.h - what is put together of several disks by software: md arrays and ZFS pools.
 *
 * Thread: the loop's; milliseconds at most, no disk is asked. Keeps its source open between calls; plat_raid_done
 * closes it.
 * Fails:  UNSUPPORTED where the system has neither; otherwise whatever it said, and then some may already be given.
 */
#ifndef PICKET_PLATFORM_RAID_H
#define PICKET_PLATFORM_RAID_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

enum { PLAT_RAID_NAME_MAX = 128, PLAT_RAID_LEVEL_MAX = 16 };

struct plat_raid {
    const char *name;      /* "md0", or that of the pool; bytes of the system, not always UTF-8 */
    const char *level;     /* "raid1", "zfs"; "" where it is not told */
    bool        degraded;  /* it works with fewer disks than it should have, or no more at all */
    bool        inactive;  /* there, but not put together: nothing can be read from it */
    bool        has_disks; /* the next four hold: a pool does not tell */
    uint32_t    missing, failed, spare;
    bool        syncing;  /* a resync, recovery, reshape or check is under way: */
    double      progress; /* 0 to 1 */
};

typedef void plat_raid_fn(void *context, const struct plat_raid *raid); /* lent for the call */

struct err plat_raid_read(plat_raid_fn *each, void *context);
void       plat_raid_done(void);

#endif
