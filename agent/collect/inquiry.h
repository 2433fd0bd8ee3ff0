/* agent/collect/inquiry.h - a program that a late collector asks, and what came of it.
 *
 * Zero is one that nobody asked yet. Each belongs to one collector. Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_INQUIRY_H
#define PICKET_AGENT_COLLECT_INQUIRY_H

#include "agent/collect/collect.h"
#include "platform/program.h"

/* Takes what the program said; what it returns is the outcome. */
typedef struct err inquiry_take_fn(const struct plat_program_result *result);

struct inquiry {
    bool       answered; /* at least once; then outcome says how the last time went */
    struct err outcome;

    struct plat_program *program; /* the rest is the inquiry's own */
    inquiry_take_fn     *take;
    collector_ready_fn  *ready;
    void                *context;
};

/* As a collector's begin and cancel. Of options what runs it for how long and how much of it is kept: the rest is set here. */
struct err inquiry_begin(struct inquiry *q, uv_loop_t *loop, const struct plat_program_options *options,
                         inquiry_take_fn *take, collector_ready_fn *ready, void *context);
void       inquiry_cancel(struct inquiry *q);

/* How a process ended that asks one thing after the other and tells of each at once. At its time limit those before the one
 * that keeps it have been told of, which is good enough if there were any. step: what it did. TIMED_OUT, OS. */
struct err inquiry_outcome(const struct plat_program_result *result, bool told_any, const char *step);

/* Each whole line of a program's output, without its end, until one says false. */
typedef bool inquiry_line_fn(void *context, const char *line, size_t len);
void         inquiry_lines(const struct plat_program_result *result, inquiry_line_fn *each, void *context);

#endif
