/* platform/fserrors.h - errors that file systems found in themselves or in the disks below, and remember.
 *
 * They are kept on the disk, over reboots, until somebody repairs (e2fsck) or resets them (btrfs device stats -z).
 * Thread: the loop's; milliseconds at most: memory of the kernel is read, no disk is.
 * Fails:  UNSUPPORTED where no file system here counts its errors; otherwise whatever the system said.
 */
#ifndef PICKET_PLATFORM_FSERRORS_H
#define PICKET_PLATFORM_FSERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

/* Of ext4 all is one sum; btrfs counts for each disk and kind. Lent for the call. */
struct plat_fserrors {
    const char *type;  /* "ext4", "btrfs" */
    const char *name;  /* what stays the same over reboots: ext4: the device; btrfs: UUID and number of the disk */
    const char *label; /* ext4: the device; btrfs: the label, or "" */
    const char *kind;  /* "all"; "write", "read", "flush", "corruption", "generation" */
    uint64_t    count;
};

struct plat_fserrors_listener {
    void (*on_count)(void *context, const struct plat_fserrors *errors);
    void (*on_missing)(void *context, const char *name, const char *label, uint32_t missing); /* btrfs: disks */
    void *context;
};

struct err plat_fserrors_read(const struct plat_fserrors_listener *listener);

#endif
