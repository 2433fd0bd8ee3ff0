/* platform/linux/walk.h - to a file, step by step, so that nobody leads us elsewhere.
 *
 * The kernel follows whatever links it meets. Here a link is followed only where the administrator (or we, without his
 * rights) put it: in a folder of his that nobody else can write to, or as his own in one that keeps names to their owners
 * (/tmp). Each folder is held open while the next one is looked up, so that no step can be exchanged below us.
 * Inside platform/linux only. Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_LINUX_WALK_H
#define PICKET_PLATFORM_LINUX_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "platform/err.h"

struct walk {
    int         dir; /* the last folder, opened as a place only; the caller closes it */
    char        name[NAME_MAX + 1];
    struct stat at;      /* of the file itself, which is no link */
    bool        guarded; /* nobody else could have exchanged a step */
    char        folder[PATH_MAX];  /* where dir is, without links */
    char        exposed[PATH_MAX]; /* not guarded: the first folder that others can write to */
};

/* path is absolute. DENIED: a link that we do not follow, or what the system said; MALFORMED: it names a folder, or is no
 * path. */
struct err walk_to(const char *path, struct walk *ret);

/* Is this the administrator's or our own, and closed to writing by others? */
bool walk_is_ours(const struct stat *at);

#endif
