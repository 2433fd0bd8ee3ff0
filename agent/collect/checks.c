#include "agent/collect/checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/check_run.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/program.h"
#include "proto/config.h"
#include "proto/plugin.h"

/* WAIT_MS: how long a reading waits for slow ones once there was a first of each; then it goes on with what it has.
 * RETRIES: the runs that follow a change of state sooner than the period, so that a hold is made of several runs. */
enum { WAIT_MS = 10000, RETRIES = 3, TENTH_MS = 100 };

struct check {
    struct check_run      run;
    struct plugin_figure *figures;
    size_t                count, index;
    uint64_t              due_ms;
    enum plugin_state     state;
    double                took_s;
    unsigned              retries;
    bool                  waits, known; /* waits: is due, and as many as may run do */
    char                  text[PLUGIN_TEXT_MAX];
};

static struct {
    const struct config *config;
    struct check        *all;
    size_t               count, running;
    bool                 all_known;
    uv_loop_t           *loop;
    uv_timer_t          *timer; /* the loop's memory from its closing on */
    collector_ready_fn  *ready; /* NULL: nobody waits */
    void                *context;
} checks;

// clang-format off
enum { STATE, UNKNOWN, DURATION, VALUE, TIME, BYTES, RATIO, COUNT, BEYOND };

static const struct metric metrics[] = {
    [STATE] = { "picket.check.state", UNIT_SEVERITY, METRIC_GAUGE,
        "what the plugin said by its exit code: 0 ok, 1 warning, 2 critical; no number while it is unknown, so that an "
        "alert stays as it is" },
    [UNKNOWN] = { "picket.check.unknown", UNIT_STATE, METRIC_GAUGE,
        "1 if the state is unknown: the plugin said so (exit code 3), could not be run, or was killed at its time limit" },
    [DURATION] = { "picket.check.duration", UNIT_SECONDS, METRIC_GAUGE, "how long its last run took" },
    [VALUE] = { "picket.check.value", UNIT_NUMBER, METRIC_GAUGE,
        "a figure of its performance data without a unit, or with one of its own" },
    [TIME] = { "picket.check.value.time", UNIT_SECONDS, METRIC_GAUGE, "a figure in s, ms or us" },
    [BYTES] = { "picket.check.value.size", UNIT_BYTES, METRIC_GAUGE,
        "a figure in B, KB, MB, GB or TB, in steps of 1024 as the basic plugins count them" },
    [RATIO] = { "picket.check.value.ratio", UNIT_ONE, METRIC_GAUGE,
        "a figure in percent; of others their place between least (0) and most (1), where the plugin names both" },
    [COUNT] = { "picket.check.value.count", UNIT_NUMBER, METRIC_COUNTER, "a figure that only grows (unit c)" },
    [BEYOND] = { "picket.check.value.severity", UNIT_SEVERITY, METRIC_GAUGE,
        "what a figure is to the ranges that stand beside it: 0 within, 1 beyond the warning's, 2 beyond the critical one" },
};
// clang-format on

/* ---- what is handed over ---- */

static const size_t metric_of_unit[] = {
    [PLUGIN_PLAIN] = VALUE, [PLUGIN_SECONDS] = TIME, [PLUGIN_BYTES] = BYTES, [PLUGIN_RATIO] = RATIO, [PLUGIN_COUNTER] = COUNT,
};

static void put_figure(struct sink *out, const struct check *c, const struct plugin_figure *f)
{
    const struct attr attrs[] = { { "picket.check.name", c->run.config->name }, { "picket.check.label", f->label } };
    double            span = f->most - f->least;

    if (isnan(f->value))
        return;
    sink_put_at(out, &metrics[metric_of_unit[f->unit]], f->value, attrs, ARRAY_LEN(attrs));
    if (f->unit != PLUGIN_RATIO && span > 0)
        sink_put_at(out, &metrics[RATIO], (f->value - f->least) / span, attrs, ARRAY_LEN(attrs));
    if (f->warning.set || f->critical.set)
        sink_put_at(out, &metrics[BEYOND],
                    plugin_range_alerts(&f->critical, f->value)  ? PLUGIN_CRITICAL
                    : plugin_range_alerts(&f->warning, f->value) ? PLUGIN_WARNING
                                                                 : PLUGIN_OK,
                    attrs, ARRAY_LEN(attrs));
}

static void put_check(struct sink *out, const struct check *c)
{
    const struct attr attrs[] = { { "picket.check.name", c->run.config->name }, { "picket.check.output", c->text } };
    bool              unknown = c->state == PLUGIN_UNKNOWN;

    sink_put_at(out, &metrics[STATE], unknown ? NAN : (double)c->state, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[UNKNOWN], unknown, attrs, ARRAY_LEN(attrs));
    if (!isnan(c->took_s))
        sink_put_at(out, &metrics[DURATION], c->took_s, attrs, 1);
    for (size_t i = 0; i < c->count; i++)
        put_figure(out, c, &c->figures[i]);
}

static struct err read_checks(struct sink *out)
{
    if (!checks.config || checks.config->check_count == 0)
        return err_of(ERR_UNSUPPORTED, "none are configured");
    if (!checks.all)
        return err_of(ERR_NO_MEMORY, "keeping checks");
    for (size_t i = 0; i < checks.count; i++)
        if (checks.all[i].known)
            put_check(out, &checks.all[i]);
    return err_ok();
}

bool checks_get(size_t i, struct check_view *ret)
{
    for (size_t k = 0; k < checks.count; k++) {
        const struct check *c = &checks.all[k];

        if (!c->known || i-- > 0)
            continue;
        *ret = (struct check_view){ c->run.config->name, c->text, c->state, c->took_s };
        return true;
    }
    return false;
}

/* ---- one run ---- */

/* The first runs come one after the other; the second ones are spread over the period, and so it stays. */
static uint64_t next_due(const struct check *c, uint64_t now_ms, bool first)
{
    const struct config_check *config = c->run.config;
    uint64_t                   period_s = config->period_s, retry_s = config->retry_s < period_s ? config->retry_s : period_s;

    if (c->retries)
        return now_ms + retry_s * 1000;
    if (first)
        return now_ms + period_s * 1000 * (c->index + 1) / checks.count;
    return now_ms + period_s * 1000;
}

/* Of the same label only the first counts: two would be one series. */
static void keep_figures(struct check *c, const struct plugin_output *out)
{
    free(c->figures);
    c->count = 0;
    c->figures = out->count ? malloc(out->count * sizeof *c->figures) : NULL;
    for (size_t i = 0; c->figures && i < out->count; i++) {
        size_t k = 0;

        while (k < c->count && strcmp(c->figures[k].label, out->figures[i].label) != 0)
            k++;
        if (k == c->count)
            c->figures[c->count++] = out->figures[i];
    }
}

static void on_end(struct check_run *run, enum plugin_state state, double took_s, const struct plugin_output *out)
{
    struct check *c = container_of(run, struct check, run);
    bool          first = !c->known;

    c->retries = (first ? state != PLUGIN_OK : state != c->state) ? RETRIES : c->retries ? c->retries - 1 : 0;
    c->known = true;
    c->state = state;
    c->took_s = took_s;
    memcpy(c->text, out->text, sizeof c->text);
    keep_figures(c, out);
    c->due_ms = next_due(c, c->due_ms, first);
}

/* ---- whose turn it is ---- */

static void on_program_end(void *context);

static void start_waiting(void)
{
    for (size_t i = 0; i < checks.count && checks.running < checks.config->checks_at_once; i++) {
        struct check *c = &checks.all[i];

        if (!c->waits)
            continue;
        c->waits = false;
        c->due_ms = plat_clock_steady_ms();
        checks.running += check_run_start(&c->run, checks.loop, on_end, on_program_end);
    }
}

static bool all_at_rest(void)
{
    for (size_t i = 0; i < checks.count; i++)
        if (checks.all[i].waits)
            return false;
    return checks.running == 0;
}

static void timer_closed(uv_handle_t *timer)
{
    free(timer);
}

static void close_timer(void)
{
    if (checks.timer)
        uv_close((uv_handle_t *)checks.timer, timer_closed);
    checks.timer = NULL;
}

static void tell_ready(void)
{
    collector_ready_fn *ready = checks.ready;

    checks.ready = NULL;
    close_timer();
    if (ready)
        ready(checks.context);
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    tell_ready();
}

static void on_program_end(void *context)
{
    (void)context;
    checks.running--;
    start_waiting();
    if (!all_at_rest())
        return;
    checks.all_known = true;
    tell_ready();
}

static struct err open_timer(uint64_t in_ms)
{
    checks.timer = malloc(sizeof *checks.timer);
    if (!checks.timer)
        return err_of(ERR_NO_MEMORY, "waiting for checks");
    uv_timer_init(checks.loop, checks.timer);
    uv_timer_start(checks.timer, on_timer, in_ms, 0);
    return err_ok();
}

static void call_due(void)
{
    uint64_t now_ms = plat_clock_steady_ms();

    for (size_t i = 0; i < checks.count; i++) {
        struct check *c = &checks.all[i];

        /* rounds come a little early or late; a tenth of a period is the same */
        if (!check_run_runs(&c->run) && now_ms + (uint64_t)c->run.config->period_s * TENTH_MS >= c->due_ms)
            c->waits = true;
    }
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    if (!checks.config || checks.config->check_count == 0)
        return err_of(ERR_UNSUPPORTED, "none are configured");
    if (!checks.all)
        return err_of(ERR_NO_MEMORY, "keeping checks");
    checks.loop = loop;
    call_due();
    start_waiting();
    checks.ready = ready;
    checks.context = context;
    checks.all_known = checks.all_known || all_at_rest();
    if (all_at_rest())
        return open_timer(0);
    return checks.all_known ? open_timer(WAIT_MS) : err_ok();
}

static void cancel(void)
{
    checks.ready = NULL;
    close_timer();
    for (size_t i = 0; i < checks.count; i++) {
        check_run_stop(&checks.all[i].run);
        checks.all[i].waits = false;
    }
    checks.running = 0;
}

/* ---- from configuration to configuration ---- */

static void done(void)
{
    for (size_t i = 0; i < checks.count; i++)
        free(checks.all[i].figures);
    free(checks.all);
    memset(&checks, 0, sizeof checks);
}

static void configure(const struct config *config)
{
    done();
    checks.config = config;
    checks.all = config->check_count ? calloc(config->check_count, sizeof *checks.all) : NULL;
    checks.count = checks.all ? config->check_count : 0;
    for (size_t i = 0; i < checks.count; i++) {
        checks.all[i].index = i;
        checks.all[i].run.config = &config->checks[i];
    }
}

const struct collector collect_checks = {
    .name = "checks",
    .help =
        "Monitoring plugins that the configuration names (`checks`, see [checks.md](checks.md)): what they say by exit code, "
        "line and performance data. Between two runs the last result stands. A plugin that is missing, cannot be executed or "
        "can be changed by others than root is not run: its state is unknown, and its output says what to do. Figures that "
        "do not follow the plugins' guidelines are left out.",
    .series = "one for each check: picket.check.name, and of figures picket.check.label; picket.check.output, the line it "
              "printed, describes it",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_checks,
    .configure = configure,
    .begin = begin,
    .cancel = cancel,
    .done = done,
};
