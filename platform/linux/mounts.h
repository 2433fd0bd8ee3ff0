/* platform/linux/mounts.h - which file systems to report, from the kernel's list of mounts. Pure: no file is touched.
 *
 * plat_mounts_parse reads the rows of /proc/PID/mountinfo; plat_mounts_choose makes from them the list of file systems
 * worth asking, each once (what is left out and why: platform/filesystems.h). Of a file system that is mounted in
 * several places the one at "/" is taken, else one that shows all of it, else the one with the shortest path.
 * Of ZFS one file system a pool is taken: they share its space.
 * Ownership: a chosen list owns its texts; plat_mounts_done accepts an empty one (all zero).
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_MOUNTS_H
#define PICKET_PLATFORM_LINUX_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

struct plat_mount {
    char    *mount_point, *device, *type; /* with their octal escapes undone */
    uint32_t major_number, minor_number;  /* of the file system */
    bool     whole;                       /* its root is mounted, not a directory of it */
    bool     mount_read_only;             /* this mount of it was made read-only */
    bool     read_only;                   /* the file system is, wherever it is mounted */
    bool     broken;                      /* the file system said that it writes no more, after an error */
};

/* A row is lent for the time of the call. MALFORMED at a row of another form; some were then already given. */
typedef void plat_mount_fn(void *context, const struct plat_mount *row);
struct err   plat_mounts_parse(const char *text, size_t len, plat_mount_fn *each, void *context);

struct plat_mounts {
    struct plat_mount *items;
    size_t             count, room;
};

/* *ret is empty on failure. */
struct err plat_mounts_choose(const char *text, size_t len, struct plat_mounts *ret);
void       plat_mounts_remove(struct plat_mounts *m, size_t i); /* those behind it move up */
void       plat_mounts_done(struct plat_mounts *m);

enum plat_intent { PLAT_INTENT_UNKNOWN, PLAT_INTENT_WRITE, PLAT_INTENT_READ };

/* Was this file system mounted to be written, going by another process's list of mounts? The mount at the same place
 * decides; where there is none, any of it that may be written is enough. */
enum plat_intent plat_mounts_intent(const char *text, size_t len, const struct plat_mount *of);

/* What /etc/fstab wants of a mount point. Rows with "noauto" tell nothing. */
enum plat_intent plat_fstab_intent(const char *text, size_t len, const char *mount_point);

#endif
