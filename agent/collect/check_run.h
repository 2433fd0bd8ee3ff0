/* agent/collect/check_run.h - one run of one script check: may it be run, as whom, and what came of it.
 *
 * Inside checks.c only. Thread: the loop's. A run is embedded in its check; all zero with a config is at rest.
 */
#ifndef PICKET_AGENT_COLLECT_CHECK_RUN_H
#define PICKET_AGENT_COLLECT_CHECK_RUN_H

#include <uv.h>

#include "agent/collect/checks.h"
#include "proto/config.h"
#include "proto/plugin.h"

struct check_run;
struct plat_program;

/* The text is never empty; took_s is NaN where it was not run. */
typedef void check_run_end_fn(struct check_run *run, enum plugin_state state, double took_s, const struct plugin_output *out);

struct check_run {
    const struct config_check *config;
    struct plat_program       *program;
    check_run_end_fn          *on_end;
    void (*on_rest)(void *run);
};

/* Returns whether it runs now: then on_end and on_rest follow from the loop, in this order. What is not run ends at once,
 * from within, with the reason as its text and without on_rest. */
bool check_run_start(struct check_run *run, uv_loop_t *loop, check_run_end_fn *on_end, void (*on_rest)(void *run));

bool check_run_runs(const struct check_run *run);
void check_run_stop(struct check_run *run); /* no on_end after this; nothing to do at rest */

#endif
