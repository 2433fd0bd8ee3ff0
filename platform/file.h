/* platform/file.h - a file that someone else wrote, as bytes.
 *
 * For configuration and connector files. Reads to the end, so pipes will do. Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_FILE_H
#define PICKET_PLATFORM_FILE_H

#include "platform/buf.h"

/* TOO_BIG over into->limit; NOT_FOUND; DENIED; MALFORMED: a folder. On failure into is unchanged. */
struct err plat_file_read(const char *path, struct buf *into);

/* Who could change it decides what we do: EXPOSED if that is anyone but the administrator, us or the account `also` (a name,
 * or NULL), by the file or by the folder it is in. Says nothing about who reads it. */
struct err plat_file_guarded(const char *path, const char *also);

/* Can others than its owner read it? A file that cannot be looked at: no. */
bool plat_file_is_public(const char *path);

#endif
