#include "proto/frame.h"

#include <string.h>

#include "proto/json.h"

enum { FIELD_U64 = 1, FIELD_TEXT = 2, FIELD_I64 = 3, FIELD_F64 = 4, TEXT_MAX_BYTES = 60000 };

static void store_le(uint8_t *into, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        into[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t load_le(const uint8_t *from, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

void frame_begin(struct frame_writer *w, struct buf *into, uint8_t type)
{
    uint8_t head[FRAME_HEAD_BYTES] = { 0 };

    *w = (struct frame_writer){ .into = into, .start = into->len };
    head[4] = type;
    w->err = buf_add(into, head, sizeof head);
}

static void put(struct frame_writer *w, const void *bytes, size_t len)
{
    if (!failed(w->err))
        w->err = buf_add(w->into, bytes, len);
}

static void put_number(struct frame_writer *w, uint8_t kind, uint64_t value)
{
    uint8_t field[9] = { kind };

    store_le(field + 1, value, 8);
    put(w, field, sizeof field);
}

void frame_put_u64(struct frame_writer *w, uint64_t value)
{
    put_number(w, FIELD_U64, value);
}

void frame_put_i64(struct frame_writer *w, int64_t value)
{
    put_number(w, FIELD_I64, (uint64_t)value);
}

void frame_put_f64(struct frame_writer *w, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_number(w, FIELD_F64, bits);
}

void frame_put_text(struct frame_writer *w, const char *text)
{
    size_t  len = strlen(text);
    uint8_t field[3] = { FIELD_TEXT };

    if (len > TEXT_MAX_BYTES && !failed(w->err))
        w->err = err_of(ERR_TOO_BIG, "writing a frame");
    store_le(field + 1, len, 2);
    put(w, field, sizeof field);
    put(w, text, len);
}

struct err frame_end(struct frame_writer *w)
{
    size_t len = w->into->len - w->start;

    if (!failed(w->err) && len > FRAME_MAX_BYTES)
        w->err = err_of(ERR_TOO_BIG, "writing a frame");
    if (failed(w->err))
        buf_cut(w->into, w->start);
    else
        store_le((uint8_t *)w->into->data + w->start, len - 4, 4);
    return w->err;
}

static void refuse(struct frame_reader *r, const char *step)
{
    if (!failed(r->err))
        r->err = err_of(ERR_MALFORMED, step);
    r->at = r->end;
}

static const uint8_t *take(struct frame_reader *r, size_t len)
{
    const uint8_t *at = r->at;

    if (failed(r->err) || (size_t)(r->end - r->at) < len) {
        refuse(r, "reading a frame that is too short");
        return NULL;
    }
    r->at += len;
    return at;
}

static uint64_t get_number(struct frame_reader *r, uint8_t kind)
{
    const uint8_t *field = take(r, 9);

    if (!field)
        return 0;
    if (field[0] != kind) {
        refuse(r, "reading a frame whose fields are of the wrong kind");
        return 0;
    }
    return load_le(field + 1, 8);
}

uint64_t frame_get_u64(struct frame_reader *r, uint64_t max)
{
    uint64_t value = get_number(r, FIELD_U64);

    if (value <= max)
        return value;
    refuse(r, "reading a frame whose number is too large");
    return 0;
}

int64_t frame_get_i64(struct frame_reader *r)
{
    return (int64_t)get_number(r, FIELD_I64);
}

double frame_get_f64(struct frame_reader *r)
{
    uint64_t bits = get_number(r, FIELD_F64);
    double   value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

void frame_get_text(struct frame_reader *r, char *into, size_t size)
{
    const uint8_t *head = take(r, 3), *text = NULL;
    size_t         len = 0;

    into[0] = '\0';
    if (!head)
        return;
    len = (size_t)load_le(head + 1, 2);
    if (head[0] == FIELD_TEXT)
        text = take(r, len);
    if (!text || len >= size || !utf8_valid((const char *)text, len)) {
        refuse(r, "reading a frame whose text is not as agreed");
        return;
    }
    memcpy(into, text, len);
    into[len] = '\0';
}

struct err frame_done(struct frame_reader *r)
{
    if (!failed(r->err) && r->at != r->end)
        refuse(r, "reading a frame with more in it than agreed");
    return r->err;
}

struct err frame_next(const void *bytes, size_t len, struct frame_reader *ret, size_t *used)
{
    const uint8_t *head = bytes;
    uint64_t       body;

    *ret = (struct frame_reader){ 0 };
    *used = 0;
    if (len < FRAME_HEAD_BYTES)
        return err_ok();
    body = load_le(head, 4);
    if (body == 0)
        return err_of(ERR_MALFORMED, "reading an empty frame");
    if (body > FRAME_MAX_BYTES - 4)
        return err_of(ERR_TOO_BIG, "reading a frame");
    if (len < body + 4)
        return err_ok();
    ret->type = head[4];
    ret->at = head + FRAME_HEAD_BYTES;
    ret->end = head + 4 + body;
    *used = (size_t)body + 4;
    return err_ok();
}
