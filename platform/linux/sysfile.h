/* platform/linux/sysfile.h - small files of /sys and /proc that hold one value, read seldom.
 *
 * Opened, read once and closed. What is longer than the room for it is cut.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_SYSFILE_H
#define PICKET_PLATFORM_LINUX_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

enum { SYSFILE_PATH_MAX = 512 };

/* Without the line's end; terminated, and cut at the first NUL. On failure into is "". */
struct err sysfile_read(const char *step, char *into, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with all its lines. */
struct err sysfile_read_all(const char *step, char *into, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* False: not there, not readable, or no decimal number. */
bool sysfile_u64(uint64_t *ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
