/* platform/private.h - folders and files that are ours alone.
 *
 * What holds our state must not be readable or replaceable by others: EXPOSED says that it is (a symbolic link, another
 * owner, a folder that others may write to). A file that is merely readable by others is closed to them, silently.
 * To write one: platform/draft.h. Thread: any; touches the disk.
 */
#ifndef PICKET_PLATFORM_PRIVATE_H
#define PICKET_PLATFORM_PRIVATE_H

#include "platform/buf.h"

/* Makes it, with its parents, for us alone; checks it if it is there. */
struct err plat_private_dir(const char *path);

/* Checks a file and closes it to others; makes an empty one where there is none and create says so, else NOT_FOUND. */
struct err plat_private_file(const char *path, bool create);

/* The whole file, TOO_BIG over into->limit; into is unchanged on failure. NOT_FOUND, EXPOSED as above. */
struct err plat_private_read(const char *path, struct buf *into);

/* Flushes a folder's entries. */
struct err plat_private_dir_sync(const char *path);

#endif
