/* platform/filesystems.h - how full each file system is, and whether it can still be written.
 *
 * Local file systems that are made to be written, each once, however often it is mounted. Left out are
 *   - network and FUSE file systems, and whatever is mounted below one or below an autofs: asking them may hang for as
 *     long as a server or a program does not answer, and the loop must not;
 *   - what is full by nature: squashfs, ISO images, and what somebody mounted read-only on purpose;
 *   - what lives in memory (tmpfs), unless it is the root.
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_filesystems_done closes it. It
 *         pins no file system: they can be unmounted at any time.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. each()
 *         has then not been called. A single file system that cannot be asked is left out.
 */
#ifndef PICKET_PLATFORM_FILESYSTEMS_H
#define PICKET_PLATFORM_FILESYSTEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

enum { PLAT_FILESYSTEMS_MAX = 64 }; /* beyond that, those mounted last are left out */

/* Lent for the time of the call. Text is bytes as the system has them, not always UTF-8. */
struct plat_filesystem {
    const char *mount_point, *device, *type; /* "/srv", "/dev/vdb1", "ext4" */
    uint64_t    total_bytes;                 /* never 0 */
    uint64_t    used_bytes;
    uint64_t    available_bytes;     /* to a program without privileges */
    uint64_t    inodes, inodes_free; /* both 0: it has no fixed number of them */
    bool        lost_writing;        /* meant to be written, but the system made it read-only */
};

typedef void plat_filesystem_fn(void *context, const struct plat_filesystem *filesystem);

struct err plat_filesystems_read(plat_filesystem_fn *each, void *context);
void       plat_filesystems_done(void);

#endif
