/* platform/disks.h - what went to and from each disk since it appeared.
 *
 * Physical disks only (or what a virtual machine has for one): no partitions, no loop and RAM disks, no CD drives and
 * floppies, and not what is put together from disks (LVM, RAID, dm-crypt), whose traffic shows on the disks below.
 * Disks may come and go from call to call; one that came again starts from 0 or from anywhere.
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_disks_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. each()
 *         has then not been called. UNSUPPORTED also where there are disks, but no /sys to tell them from what is
 *         put together.
 */
#ifndef PICKET_PLATFORM_DISKS_H
#define PICKET_PLATFORM_DISKS_H

#include <stdint.h>

#include "platform/err.h"

enum { PLAT_DISK_NAME_MAX = 64 };

/* Lent for the time of the call. All but the name and under_way only grow; those in ms wrap at 32 bits on Linux, an old
 * system's others may. */
struct plat_disk {
    const char *name; /* "sda", bytes as the system has them */
    uint64_t    read_bytes, written_bytes;
    uint64_t    reads, writes;
    uint64_t    read_ms, write_ms; /* how long the completed ones took, added up */
    uint64_t    busy_ms;           /* time in which at least one request was under way */
    uint64_t    under_way;         /* requests, now */
};

typedef void plat_disk_fn(void *context, const struct plat_disk *disk);

struct err plat_disks_read(plat_disk_fn *each, void *context);
void       plat_disks_done(void);

#endif
