#include "agent/control/answers.h"

static void hex_print(const uint8_t *bytes, size_t len, char *into)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *into++ = digits[bytes[i] >> 4];
        *into++ = digits[bytes[i] & 15];
    }
    *into = '\0';
}

static bool put_block(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    const struct answer_sink *to = context;
    const uint8_t            *at = bytes;
    static struct talk_block  piece; /* the loop's alone, and too large for a stack */

    (void)first_ms;
    (void)last_ms;
    (void)count;
    for (size_t part; len > 0; len -= part, at += part) {
        part = len < TALK_PIECE_BYTES ? len : TALK_PIECE_BYTES;
        piece.more = part < len;
        hex_print(at, part, piece.hex);
        to->put(to->context, &talk_block_record, &piece);
    }
    return true;
}

/* What the outbox has not yet; a block that cannot be made is one that is not there yet. */
static void put_newest(const struct agent_state *s, int64_t from_ms, const struct answer_sink *to)
{
    struct block newest;

    if (failed(block_copy(s->block, &newest)))
        return;
    if (newest.count && newest.last_ms >= from_ms && newest.first_ms < from_ms + TALK_HISTORY_MS)
        (void)put_block((void *)(uintptr_t)to, newest.first_ms, newest.last_ms, newest.count, newest.bytes.data,
                        newest.bytes.len);
    block_done(&newest);
}

struct err answer_history(const struct agent_state *s, int64_t from_ms, const struct answer_sink *to)
{
    struct err e;

    if (from_ms < 0 || from_ms > INT64_MAX - TALK_HISTORY_MS)
        return err_of(ERR_MALFORMED, "reading the request (a time that cannot be)");
    e = outbox_samples_each(s->outbox, from_ms, from_ms + TALK_HISTORY_MS - 1, put_block, (void *)(uintptr_t)to);
    if (!failed(e))
        put_newest(s, from_ms, to);
    return e;
}
