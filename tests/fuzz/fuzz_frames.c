/* Bytes as they would come over the pipe from a courier that was taken over, or from a local user. */
#include <stdlib.h>

#include "agent/control/talk.h"
#include "proto/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_frame(struct frame_reader *r)
{
    struct link_done  done;
    struct link_news  news;
    struct link_ready ready;
    struct link_work  work = { 0 };
    struct link_taken taken;
    struct link_samples samples;
    struct talk_ask   ask;

    switch (r->type) {
    case LINK_DONE:
        (void)link_done_get(r, &done);
        break;
    case LINK_NEWS:
        (void)link_news_get(r, &news);
        break;
    case LINK_READY:
        (void)link_ready_get(r, &ready);
        break;
    case LINK_WORK:
        if (!failed(link_work_get(r, &work)))
            free(work.owned);
        break;
    case LINK_TAKEN:
        (void)link_taken_get(r, &taken);
        break;
    case LINK_SAMPLES:
        if (!failed(link_samples_get(r, &samples)))
            link_samples_done(&samples);
        break;
    default:
        (void)record_get(&talk_ask_record, r, &ask);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct frame_reader r;
    size_t              used = 0;

    for (size_t at = 0; at < len; at += used) {
        if (failed(frame_next(bytes + at, len - at, &r, &used)) || !r.at)
            break;
        read_frame(&r);
    }
    return 0;
}
