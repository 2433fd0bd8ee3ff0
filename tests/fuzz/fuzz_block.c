/* Blocks of samples from a damaged database. Also: what the writer makes of any values reads back as it was put. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/block.h"

static const struct metric metric = { "fuzz", UNIT_ONE, METRIC_GAUGE, "" };

struct check {
    const double *values;
    size_t        next, count;
};

static bool look(void *context, const struct block_sample *s)
{
    size_t *bytes = context;

    *bytes += strlen(s->metric);
    for (size_t i = 0; i < s->attr_count; i++)
        *bytes += strlen(s->attrs[i].key) + strlen(s->attrs[i].value);
    if (!isfinite(s->value))
        abort();
    return true;
}

static bool compare(void *context, const struct block_sample *s)
{
    struct check *c = context;
    double        want;

    if (c->next == c->count)
        abort();
    want = c->values[c->next++];
    if (s->value != want && fabs(s->value - want) > fabs(want) * 1e-6 && fabs(want) < 3e38 && fabs(want) > 1e-37)
        abort();
    return true;
}

static void round_trip(const uint8_t *data, size_t size)
{
    struct block_writer *w;
    struct block         b;
    double               values[BLOCK_ROUNDS_MAX];
    struct check         c = { values, 0, 0 };
    const struct sample  at_first = { &metric, NULL, 0, 0 };

    if (block_writer_new(&w).code != ERR_OK)
        return;
    for (; size >= 16 && !block_is_full(w); data += 16, size -= 16) {
        struct sample s = at_first;
        int64_t       ms;

        memcpy(&ms, data, 8);
        memcpy(&s.value, data + 8, 8);
        if (block_put(w, ms, &s).code != ERR_OK)
            abort();
        if (isfinite(s.value))
            values[c.count++] = s.value;
    }
    if (block_take(w, &b).code != ERR_OK || b.count != c.count)
        abort();
    if (b.count && (block_read(b.bytes.data, b.bytes.len, compare, &c).code != ERR_OK || c.next != c.count))
        abort();
    block_done(&b);
    block_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t bytes = 0;

    if (size == 0)
        return 0;
    if (data[0] & 1)
        (void)block_read(data, size, look, &bytes);
    else
        round_trip(data + 1, size - 1);
    return 0;
}
