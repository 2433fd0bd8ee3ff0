/* platform/buf.h - bytes that grow up to a limit.
 *
 * data is always terminated by a NUL beyond len once anything was added, so text can be printed.
 * A buf that failed to grow is unchanged. buf_done accepts a zeroed or a finished buf.
 * Thread: any, one owner.
 */
#ifndef PICKET_PLATFORM_BUF_H
#define PICKET_PLATFORM_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

struct buf {
    char  *data;
    size_t len;
    size_t room;
    size_t limit; /* in bytes, without the NUL */
};

void       buf_init(struct buf *b, size_t limit);
void       buf_done(struct buf *b);
void       buf_clear(struct buf *b);                 /* keeps the memory */
void       buf_cut(struct buf *b, size_t len);       /* shorten to len */
const char *buf_text(const struct buf *b);           /* "" while nothing was added */
struct err buf_add(struct buf *b, const void *bytes, size_t len); /* TOO_BIG over the limit */
struct err buf_add_text(struct buf *b, const char *text);
struct err buf_add_byte(struct buf *b, char byte);
struct err buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct err buf_vprintf(struct buf *b, const char *format, va_list args);

#endif
