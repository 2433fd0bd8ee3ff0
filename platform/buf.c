#include "platform/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){ .limit = limit };
}

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){ .limit = b->limit };
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
}

void buf_cut(struct buf *b, size_t len)
{
    if (len >= b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}

/* Room for more bytes and the NUL. */
static struct err reserve(struct buf *b, size_t more)
{
    size_t room = b->room ? b->room : FIRST_ROOM;
    char  *data;

    if (more > b->limit || b->len > b->limit - more)
        return err_of(ERR_TOO_BIG, "growing a buffer");
    while (room < b->len + more + 1)
        room *= 2;
    if (room == b->room)
        return err_ok();
    data = realloc(b->data, room);
    if (!data)
        return err_of(ERR_NO_MEMORY, "growing a buffer");
    b->data = data;
    b->room = room;
    return err_ok();
}

struct err buf_add(struct buf *b, const void *bytes, size_t len)
{
    struct err e = reserve(b, len);

    if (failed(e))
        return e;
    if (len)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return e;
}

struct err buf_add_text(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

struct err buf_add_byte(struct buf *b, char byte)
{
    return buf_add(b, &byte, 1);
}

struct err buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list    again;
    int        len;
    struct err e;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    e = len < 0 ? err_of(ERR_MALFORMED, "printing into a buffer") : reserve(b, (size_t)len);
    if (!failed(e)) {
        vsnprintf(b->data + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
    return e;
}

struct err buf_printf(struct buf *b, const char *format, ...)
{
    va_list    args;
    struct err e;

    va_start(args, format);
    e = buf_vprintf(b, format, args);
    va_end(args);
    return e;
}
