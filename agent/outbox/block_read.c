#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/block_parts.h"

struct reader {
    const uint8_t   *at, *end;
    bool             bad;
    int64_t          times[BLOCK_ROUNDS_MAX];
    size_t           rounds;
    const char     **texts; /* those so far, within the block's bytes */
    size_t           text_count, text_room;
    bool             no_memory;
    struct attr      attrs[ATTRS_MAX];
    block_sample_fn *each;
    void            *context;
    bool             stopped;
};

static uint64_t get(struct reader *r, uint64_t most)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;

        if (shift == 63 && byte > 1)
            break;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (n > most)
                break;
            return n;
        }
    }
    r->bad = true;
    return 0;
}

static const uint8_t *get_bytes(struct reader *r, size_t len)
{
    const uint8_t *bytes = r->at;

    if (r->bad || len > (size_t)(r->end - r->at)) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    return bytes;
}

static void read_times(struct reader *r)
{
    uint64_t time = 0, step = 0;

    for (size_t i = 0; i < r->rounds && !r->bad; i++) {
        uint64_t n = (uint64_t)varint_signed(get(r, UINT64_MAX));

        if (i == 0) {
            time = n;
        } else {
            step += n;
            time += step;
        }
        r->times[i] = (int64_t)time;
    }
}

static bool text_add(struct reader *r, const char *text)
{
    if (r->text_count == r->text_room) {
        size_t       room = r->text_room ? r->text_room * 2 : 64;
        const char **grown = realloc(r->texts, room * sizeof(const char *));

        r->no_memory = !grown;
        if (!grown)
            return false;
        r->texts = grown;
        r->text_room = room;
    }
    r->texts[r->text_count++] = text;
    return true;
}

static const char *read_text(struct reader *r)
{
    size_t         number = get(r, r->text_count);
    const char    *text = (const char *)r->at;
    const uint8_t *nul;

    if (r->bad)
        return NULL;
    if (number)
        return r->texts[number - 1];
    nul = memchr(r->at, '\0', (size_t)(r->end - r->at));
    if (!nul || r->text_count == BLOCK_TEXTS_MAX || !text_add(r, text))
        return NULL;
    r->at = nul + 1;
    return text;
}

/* The metric, then keys and values. */
static bool read_name(struct reader *r, struct block_sample *sample)
{
    size_t parts = get(r, 1 + 2 * ATTRS_MAX);

    if (parts % 2 == 0)
        return false;
    sample->metric = read_text(r);
    sample->attr_count = parts / 2;
    for (size_t i = 0; sample->metric && i < sample->attr_count; i++) {
        r->attrs[i].key = read_text(r);
        r->attrs[i].value = r->attrs[i].key ? read_text(r) : NULL;
        if (!r->attrs[i].value)
            return false;
    }
    return sample->metric != NULL;
}

struct values {
    bool     whole;
    int64_t  last_whole;
    uint32_t last_bits;
};

static double read_value(struct reader *r, struct values *v)
{
    float f;

    if (v->whole) {
        v->last_whole = (int64_t)((uint64_t)v->last_whole + (uint64_t)varint_signed(get(r, UINT64_MAX)));
        return (double)v->last_whole;
    }
    v->last_bits ^= (uint32_t)get(r, UINT32_MAX);
    memcpy(&f, &v->last_bits, sizeof f);
    return (double)f;
}

static void read_series(struct reader *r)
{
    struct block_sample sample = { .attrs = r->attrs };
    struct values       v = { 0 };
    const uint8_t      *kind, *bits = NULL;

    if (!read_name(r, &sample)) {
        r->bad = true;
        return;
    }
    kind = get_bytes(r, 1);
    if (kind && (*kind & BLOCK_SOME))
        bits = get_bytes(r, (r->rounds + 7) / 8);
    if (r->bad || *kind > (BLOCK_WHOLE | BLOCK_SOME)) {
        r->bad = true;
        return;
    }
    v.whole = *kind & BLOCK_WHOLE;
    for (size_t i = 0; i < r->rounds && !r->stopped; i++) {
        if (bits && !(bits[i / 8] >> i % 8 & 1))
            continue;
        sample.value = read_value(r, &v);
        sample.wall_ms = r->times[i];
        r->bad |= !isfinite(sample.value);
        if (r->bad)
            return;
        r->stopped = !r->each(r->context, &sample);
    }
}

struct err block_read(const void *bytes, size_t len, block_sample_fn *each, void *context)
{
    struct reader  r = { .at = bytes, .end = (const uint8_t *)bytes + len, .each = each, .context = context };
    const uint8_t *version = get_bytes(&r, 1);
    size_t         series;

    if (!version || *version != BLOCK_VERSION)
        return err_of(ERR_MALFORMED, "reading a block of samples");
    r.rounds = get(&r, BLOCK_ROUNDS_MAX);
    series = get(&r, BLOCK_SERIES_MAX);
    read_times(&r);
    for (size_t i = 0; i < series && !r.bad && !r.stopped; i++)
        read_series(&r);
    free(r.texts);
    if (r.no_memory)
        return err_of(ERR_NO_MEMORY, "reading a block of samples");
    if (r.bad || (!r.stopped && r.at != r.end))
        return err_of(ERR_MALFORMED, "reading a block of samples");
    return err_ok();
}
