#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/block_parts.h"

/* ---- times and values ---- */

static struct err times_print(const struct block_writer *w, struct buf *into)
{
    uint64_t   step = 0;
    struct err e = varint_put_signed(into, w->times[0]);

    for (size_t i = 1; !failed(e) && i < w->rounds; i++) {
        uint64_t now = (uint64_t)w->times[i] - (uint64_t)w->times[i - 1]; /* wraps, as the reader does */

        e = varint_put_signed(into, (int64_t)(now - step));
        step = now;
    }
    return e;
}

static bool all_whole(const struct series *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (fabs(s->values[i]) > VARINT_WHOLE_MAX || s->values[i] != trunc(s->values[i]))
            return false;
    return true;
}

static struct err bitmap_print(const struct series *s, size_t rounds, struct buf *into)
{
    uint8_t bits[BLOCK_ROUNDS_MAX / 8] = { 0 };

    for (size_t i = 0; i < s->count; i++)
        bits[s->rounds[i] / 8] |= (uint8_t)(1u << s->rounds[i] % 8);
    return buf_add(into, bits, (rounds + 7) / 8);
}

static struct err values_print(const struct series *s, bool whole, struct buf *into)
{
    int64_t    last_whole = 0;
    uint32_t   last_bits = 0;
    struct err e = err_ok();

    for (size_t i = 0; !failed(e) && i < s->count; i++) {
        if (whole) {
            e = varint_put_signed(into, (int64_t)s->values[i] - last_whole);
            last_whole = (int64_t)s->values[i];
        } else {
            uint32_t bits = varint_float_bits(s->values[i]);

            e = varint_put(into, bits ^ last_bits);
            last_bits = bits;
        }
    }
    return e;
}

/* ---- names ---- */

/* Texts that stand in the block, by a hash of them; number 0 is a free place. */
struct texts {
    struct {
        const char *text;
        uint32_t    number;
    } * places;
    size_t   mask;
    uint32_t count;
};

static size_t hash(const char *text)
{
    uint32_t h = 2166136261u; /* FNV-1a */

    while (*text)
        h = (h ^ (unsigned char)*text++) * 16777619u;
    return h;
}

static struct err texts_init(struct texts *t, const struct block_writer *w)
{
    size_t room = 64;

    for (size_t i = 0; i < w->series_count; i++)
        t->count += 1 + 2 * ATTRS_MAX;
    while (room < t->count * 2)
        room *= 2;
    *t = (struct texts){ .places = calloc(room, sizeof *t->places), .mask = room - 1 };
    return t->places ? err_ok() : err_of(ERR_NO_MEMORY, "making a block of samples");
}

static struct err text_print(struct texts *t, const char *text, struct buf *into)
{
    size_t     at = hash(text) & t->mask;
    struct err e;

    while (t->places[at].number && strcmp(t->places[at].text, text) != 0)
        at = (at + 1) & t->mask;
    if (t->places[at].number)
        return varint_put(into, t->places[at].number);
    t->places[at].text = text;
    t->places[at].number = ++t->count;
    e = varint_put(into, 0);
    return failed(e) ? e : buf_add(into, text, strlen(text) + 1);
}

static struct err name_print(struct texts *t, const struct series *s, struct buf *into)
{
    size_t     parts = 0;
    struct err e;

    for (size_t i = 0; i < s->name_len; i++)
        parts += s->name[i] == '\0';
    e = varint_put(into, parts);
    for (const char *at = s->name; !failed(e) && at < s->name + s->name_len; at += strlen(at) + 1)
        e = text_print(t, at, into);
    return e;
}

static struct err series_print(struct texts *t, const struct series *s, size_t rounds, struct buf *into)
{
    bool       whole = all_whole(s), some_missing = s->count < rounds;
    struct err e = name_print(t, s, into);

    if (!failed(e))
        e = buf_add_byte(into, (char)((whole ? BLOCK_WHOLE : 0) | (some_missing ? BLOCK_SOME : 0)));
    if (!failed(e) && some_missing)
        e = bitmap_print(s, rounds, into);
    return failed(e) ? e : values_print(s, whole, into);
}

static struct err head_print(const struct block_writer *w, struct buf *into)
{
    size_t     seen = 0;
    struct err e = buf_add_byte(into, BLOCK_VERSION);

    for (size_t i = 0; i < w->series_count; i++)
        seen += w->series[i].count > 0;
    if (!failed(e))
        e = varint_put(into, w->rounds);
    if (!failed(e))
        e = varint_put(into, seen);
    return failed(e) ? e : times_print(w, into);
}

struct err block_print(const struct block_writer *w, struct buf *into)
{
    struct texts texts = { 0 };
    struct err   e = texts_init(&texts, w);

    if (!failed(e))
        e = head_print(w, into);
    for (size_t i = 0; !failed(e) && i < w->series_count; i++)
        if (w->series[i].count)
            e = series_print(&texts, &w->series[i], w->rounds, into);
    free(texts.places);
    return e;
}
