#include <math.h>
#include <string.h>

#include "agent/outbox/block.h"
#include "agent/outbox/varint.h"

struct reader {
    const uint8_t   *at, *end;
    bool             bad;
    int64_t          times[BLOCK_ROUNDS_MAX];
    size_t           rounds;
    char             name[BLOCK_NAME_MAX];
    size_t           name_len;
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

/* name, key, value, key, value: each ends with its NUL. */
static bool read_name(struct reader *r, struct block_sample *sample)
{
    size_t         shared = get(r, r->name_len);
    size_t         len = get(r, sizeof r->name - shared);
    const uint8_t *bytes = get_bytes(r, len);
    const char    *at = r->name, *end;

    if (!bytes)
        return false;
    memcpy(r->name + shared, bytes, len);
    r->name_len = shared + len;
    end = r->name + r->name_len;
    if (r->name_len < 2 || end[-1] != '\0')
        return false;
    sample->metric = at;
    for (at += strlen(at) + 1; at < end; at += strlen(at) + 1) {
        struct attr *attr = &r->attrs[sample->attr_count];

        if (sample->attr_count++ == ATTRS_MAX)
            return false;
        attr->key = at;
        at += strlen(at) + 1;
        if (at >= end)
            return false;
        attr->value = at;
    }
    return true;
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
    if (r.bad || (!r.stopped && r.at != r.end))
        return err_of(ERR_MALFORMED, "reading a block of samples");
    return err_ok();
}
