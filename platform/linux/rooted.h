/* platform/linux/rooted.h - files below a folder that may stand for another system's root.
 *
 * root "" is this system. Links inside another root that begin with "/" lead out of it: it is for trees we made.
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_LINUX_ROOTED_H
#define PICKET_PLATFORM_LINUX_ROOTED_H

#include <stddef.h>

#include "platform/buf.h"

enum { ROOTED_PATH_BYTES = 768 };

/* The joined path; false if it does not fit. */
bool rooted_path(const char *root, char into[ROOTED_PATH_BYTES], const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A descriptor for reading. */
struct err rooted_open(const char *root, const char *path, const char *step, int *ret_fd);

/* The whole file behind what is in the buf; TOO_BIG over its limit. */
struct err rooted_read(const char *root, const char *path, const char *step, struct buf *into);

/* The first line without blanks around it, cut to size. ret "" unless it says ok. */
struct err rooted_line(const char *root, char *ret, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The first size - 1 bytes, with NULs as blanks; "" if it cannot be read. Returns the length. */
size_t rooted_head(const char *root, const char *path, char *ret, size_t size);

/* Where a link leads; "" if it is none. */
bool rooted_link(const char *root, char *ret, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool rooted_exists(const char *root, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each name in a folder but those that begin with a dot, in no order. NOT_FOUND: there is no such folder. */
typedef void rooted_name_fn(void *context, const char *name);
struct err   rooted_each(const char *root, const char *path, rooted_name_fn *each, void *context);

#endif
