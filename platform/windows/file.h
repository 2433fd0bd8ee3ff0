/* platform/windows/file.h - an open file, read to its end.
 *
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_WINDOWS_FILE_H
#define PICKET_PLATFORM_WINDOWS_FILE_H

#include <windows.h>

#include "platform/buf.h"

/* Everyone else may go on using it. access: GENERIC_READ, READ_CONTROL ... Closed by the caller. */
struct err file_open(const char *path, DWORD access, HANDLE *ret);

/* TOO_BIG over into->limit; on failure into is unchanged. */
struct err file_read(HANDLE file, struct buf *into);

#endif
