#include "agent/collect/inquiry.h"

#include <string.h>

static void on_done(void *context, const struct plat_program_result *result)
{
    struct inquiry *q = context;

    q->outcome = q->take(result);
    q->answered = true;
    plat_program_close(&q->program);
    q->ready(q->context);
}

struct err inquiry_begin(struct inquiry *q, uv_loop_t *loop, const struct plat_program_options *options,
                         inquiry_take_fn *take, collector_ready_fn *ready, void *context)
{
    struct plat_program_options o = *options;

    o.on_done = on_done;
    o.context = q;
    q->take = take;
    q->ready = ready;
    q->context = context;
    return plat_program_start(loop, &o, &q->program);
}

void inquiry_cancel(struct inquiry *q)
{
    plat_program_close(&q->program);
}

struct err inquiry_outcome(const struct plat_program_result *result, bool told_any, const char *step)
{
    if (result->end == PROGRAM_TIMED_OUT)
        return told_any ? err_ok() : err_of(ERR_TIMED_OUT, step);
    return result->signal || result->status ? err_of(ERR_OS, step) : err_ok();
}

void inquiry_lines(const struct plat_program_result *result, inquiry_line_fn *each, void *context)
{
    const char *line = result->out, *end;
    size_t      left = result->out_len;

    while (left && (end = memchr(line, '\n', left)) && each(context, line, (size_t)(end - line))) {
        left -= (size_t)(end + 1 - line);
        line = end + 1;
    }
}
