#include "agent/control/ask_samples.h"

struct asking {
    block_sample_fn *each;
    void            *context;
    struct buf       block; /* pieces so far */
    bool             enough;
    struct err       err;
};

static bool on_sample(void *context, const struct block_sample *sample)
{
    struct asking *a = context;

    a->enough = !a->each(a->context, sample);
    return !a->enough;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct err hex_add(struct buf *into, const char *hex)
{
    struct err e = err_ok();

    for (; *hex && !failed(e); hex += 2) {
        int high = digit(hex[0]), low = high < 0 ? -1 : digit(hex[1]);

        e = low < 0 ? err_of(ERR_MALFORMED, "reading a block of samples") : buf_add_byte(into, (char)(high << 4 | low));
    }
    return e;
}

static void on_answer(void *context, const struct record *record, const void *value)
{
    const struct talk_block *piece = value;
    struct asking           *a = context;
    struct err               e;

    if (record != &talk_block_record || a->enough)
        return;
    e = hex_add(&a->block, piece->hex);
    if (!failed(e) && piece->more)
        return;
    if (!failed(e))
        e = block_read(a->block.data, a->block.len, on_sample, a);
    buf_clear(&a->block);
    if (!failed(a->err))
        a->err = e;
}

struct err ask_samples(const char *state_override, int64_t from_ms, block_sample_fn *each, void *context, char *why)
{
    const struct talk_ask what = { .number = (uint64_t)from_ms };
    struct asking         a = { .each = each, .context = context, .err = err_ok() };
    struct err            e;

    buf_init(&a.block, BLOCK_MAX_BYTES);
    e = ask_agent(state_override, TALK_HISTORY, &what, on_answer, &a, why);
    buf_done(&a.block);
    return failed(e) ? e : a.err;
}
