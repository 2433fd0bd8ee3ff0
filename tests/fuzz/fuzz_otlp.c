/* Any bytes as a receiver's answer (its first byte: which encoding), and a batch from the warden printed whole and in parts. */
#include <stdlib.h>
#include <string.h>

#include "proto/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_answer(const uint8_t *bytes, size_t len, enum otlp_encoding encoding)
{
    struct otlp_answer answer = { 0 };
    char               said[OTLP_MESSAGE_MAX];
    uint8_t           *copy = malloc(len ? len : 1); /* exactly as long as it says, so that who reads on is seen */

    if (len)
        memcpy(copy, bytes, len);
    if (!failed(otlp_answer_parse(copy, len, encoding, &answer)) && memchr(answer.message, '\0', sizeof answer.message) == NULL)
        abort();
    otlp_refusal_parse(copy, len, encoding, said);
    if (strpbrk(answer.message, "\r\n") || strpbrk(said, "\r\n"))
        abort();
    free(copy);
}

static void print_batch(struct frame_reader *r)
{
    struct link_samples batch;
    struct buf          text;

    if (failed(link_samples_get(r, &batch)))
        return;
    batch.request.scope = batch.request.scope_version = "x";
    for (int i = 0; i < 4; i++) {
        size_t half = otlp_point_count(&batch.request) / 2;

        buf_init(&text, 4 << 20);
        (void)otlp_print(&batch.request, i & 1 ? OTLP_JSON : OTLP_PROTOBUF, i & 2 ? half : 0, i & 2 ? SIZE_MAX : half, &text);
        buf_done(&text);
    }
    link_samples_done(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct frame_reader r;
    size_t              used = 0;

    if (len == 0)
        return 0;
    if (bytes[0] == 'f') {
        if (!failed(frame_next(bytes + 1, len - 1, &r, &used)) && r.at)
            print_batch(&r);
        return 0;
    }
    read_answer(bytes + 1, len - 1, bytes[0] == 'j' ? OTLP_JSON : OTLP_PROTOBUF);
    return 0;
}
