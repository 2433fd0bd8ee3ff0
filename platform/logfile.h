/* platform/logfile.h - a file that another program goes on writing, read as it grows.
 *
 * Who writes a log is often less than we are, and may exchange it for something else: only a plain file is opened, and a link
 * on the way to it is followed only where nobody but the administrator (or we) could have put it; in a folder that others can
 * write to, a file that has a second name (a hard link) is not opened either. Nothing here waits for a writer.
 * Thread: any that may wait for the disk.
 * Fails:  NOT_FOUND; DENIED: the system, or the link; MALFORMED: no plain file; EXPOSED: a second name; UNSUPPORTED, then
 *         always. On failure nothing is open and ret is untouched.
 */
#ifndef PICKET_PLATFORM_LOGFILE_H
#define PICKET_PLATFORM_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

/* Which file it is, and how it stands. */
struct plat_logfile_at {
    uint64_t device, inode, size;
    int64_t  changed_ns; /* wall; only to see whether it is another */
};

/* One call, nothing is opened. */
struct err plat_logfile_look(const char *path, struct plat_logfile_at *ret);

struct err plat_logfile_open(const char *path, int *ret, struct plat_logfile_at *ret_at);

/* Opens what was once at path and has another name in the same folder now. */
struct err plat_logfile_find(const char *path, uint64_t inode, int *ret, struct plat_logfile_at *ret_at);

struct err plat_logfile_look_at(int file, struct plat_logfile_at *ret);

/* *ret: how many bytes came; fewer than asked for only at the end. */
struct err plat_logfile_read(int file, uint64_t offset, void *into, size_t size, size_t *ret);

/* Sets it to -1; nothing to do for -1. */
void plat_logfile_close(int *file);

#endif
