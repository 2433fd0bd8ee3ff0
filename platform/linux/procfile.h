/* platform/linux/procfile.h - a file of /proc that is read again and again.
 *
 * It stays open, and each reading is one pread from its beginning, which makes the kernel write the text anew; that
 * halves the system calls of open, read, close. Text and descriptor belong to the procfile; procfile_close releases
 * both, and the next reading opens it again. One that is all zero but for its first four fields is closed.
 * Thread: one owner, the loop's.
 */
#ifndef PICKET_PLATFORM_LINUX_PROCFILE_H
#define PICKET_PLATFORM_LINUX_PROCFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/err.h"

struct procfile {
    const char *path, *step; /* "/proc/stat", "reading /proc/stat" */
    size_t      max_bytes;
    bool        rows; /* the kernel hands it out in pieces of whole rows, so a short answer is not the end */

    char  *text;
    size_t room;
    int    fd_1; /* descriptor + 1, so that zero is none */
};

/* The text is lent until the next call; there is a NUL behind it. A file that is not there is UNSUPPORTED. A descriptor
 * that no longer answers (a file of FUSE whose server was restarted) is opened once more. */
struct err procfile_read(struct procfile *file, const char **ret_text, size_t *ret_len);

/* Gives the text's memory back, and keeps the descriptor. */
void procfile_drop(struct procfile *file);

void procfile_close(struct procfile *file);

/* -1 while it is closed. */
int procfile_descriptor(const struct procfile *file);

#endif
