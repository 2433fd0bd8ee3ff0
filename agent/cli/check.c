#include "agent/cli/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/cli/command.h"
#include "agent/cli/problems.h"
#include "agent/collect/round.h"
#include "agent/config_load.h"
#include "agent/moment.h"
#include "agent/paths.h"
#include "platform/clock.h"
#include "platform/loop.h"

/* Between the two readings that a rate needs; how long what is late may take. */
enum { PAUSE_MS = 1000, LATE_MS = 90000, DEVICE_NAME_BYTES = 256 };

struct looking {
    struct check    check;
    struct paths    paths;
    struct config  *config;
    struct rules   *rules;
    struct round   *round;
    uv_loop_t       loop;
    uv_timer_t      timer;
    bool            has_loop;
    uint64_t        readings;
    struct err      err; /* the first failure to keep something */
    char            device[DEVICE_NAME_BYTES];
    char            origin[FILE_PATH_BYTES + 64];
    struct problems problems;
};

/* ---- reading ---- */

static void keep_first(struct looking *l, struct err e)
{
    if (failed(e) && !failed(l->err))
        l->err = e;
}

static void on_sample(void *context, const struct sample *sample)
{
    struct looking *l = context;

    keep_first(l, rules_put(l->rules, sample));
    keep_first(l, figures_put(l->check.figures, sample, 0));
}

static void on_collector(void *context, const struct collector *collector, struct err outcome, uint64_t took_us)
{
    struct looking *l = context;

    (void)took_us;
    rules_collector_read(l->rules, collector->metrics, collector->metric_count, 1, outcome);
    for (size_t i = 0; i < collector_count; i++)
        if (collectors[i] == collector)
            l->check.outcomes[i] = outcome;
}

/* What breaches is read off the views: nothing is raised here. */
static void on_event(void *context, const struct rule_event *event)
{
    (void)context;
    (void)event;
}

static const struct round_listener *listener_of(struct looking *l)
{
    static struct round_listener listener;

    listener = (struct round_listener){ on_sample, on_collector, l };
    return &listener;
}

/* Rounds stand a day apart, so that nothing counts as held. */
static void begin_round(struct looking *l)
{
    rules_begin_round(l->rules, ++l->readings * 86400000);
}

static void end_round(struct looking *l)
{
    rules_end_round(l->rules, on_event, NULL);
}

static void on_late(void *context)
{
    struct looking *l = context;

    begin_round(l);
    round_run_ready(l->round, listener_of(l));
    end_round(l);
}

static void on_pause_over(uv_timer_t *timer)
{
    (void)timer;
}

/* Those of which nothing came. */
static void note_silent(struct looking *l)
{
    for (size_t i = 0; i < collector_count; i++) {
        l->check.asleep[i] = round_is_asleep(l->round, i);
        if (!l->check.asleep[i] && round_outcome(l->round, i).code == ERR_NOT_FOUND && collectors[i]->begin)
            on_collector(l, collectors[i], err_of(ERR_TIMED_OUT, "waiting for its program"), 0);
    }
}

/* What is late is begun with the first reading and may go on after the second. */
static void note_quiet(struct looking *l)
{
    struct moment      *moment = NULL;
    struct rules_moment now;
    struct err          e = moment_new(l->config->policy, &moment);

    keep_first(l, e);
    if (failed(e))
        return;
    moment_read(moment, 0, plat_clock_wall_ms(), &now);
    rules_set_moment(l->rules, 0, &now);
    rules_quiet_print(l->rules, l->check.quiet, sizeof l->check.quiet);
    moment_free(&moment);
}

static void read_all(struct looking *l)
{
    uint64_t until_ms;

    note_quiet(l);
    round_attach(l->round, &l->loop, on_late, l);
    begin_round(l);
    round_run(l->round, 0, listener_of(l));
    end_round(l);
    uv_update_time(&l->loop);
    until_ms = uv_now(&l->loop) + LATE_MS;
    uv_timer_start(&l->timer, on_pause_over, PAUSE_MS, 0);
    while (uv_is_active((uv_handle_t *)&l->timer))
        uv_run(&l->loop, UV_RUN_ONCE);
    begin_round(l);
    round_run_again(l->round, listener_of(l));
    end_round(l);
    while (round_is_waiting(l->round) && uv_now(&l->loop) < until_ms) {
        uv_timer_start(&l->timer, on_pause_over, PAUSE_MS, 0);
        uv_run(&l->loop, UV_RUN_ONCE);
    }
    note_silent(l);
    round_attach(l->round, NULL, NULL, NULL);
}

/* ---- judging ---- */

static enum check_state state_of(const struct rule_view *view)
{
    static const enum check_state states[] = {
        [SEVERITY_OK] = CHECK_OK,
        [SEVERITY_WARNING] = CHECK_WARNING,
        [SEVERITY_CRITICAL] = CHECK_CRITICAL,
    };

    return view->state == RULE_STATE_UNKNOWN ? CHECK_UNKNOWN : states[view->at_once];
}

static struct check_row *row_add(struct check *c)
{
    size_t            room = c->row_room ? 2 * c->row_room : 32;
    struct check_row *grown = c->rows;

    if (c->row_count == c->row_room) {
        grown = realloc(c->rows, room * sizeof *grown);
        if (!grown)
            return NULL;
        c->rows = grown;
        c->row_room = room;
    }
    return &c->rows[c->row_count++];
}

static bool is_worse(enum check_state a, enum check_state b)
{
    static const int rank[] = { [CHECK_OK] = 0, [CHECK_UNKNOWN] = 1, [CHECK_WARNING] = 2, [CHECK_CRITICAL] = 3 };

    return rank[a] > rank[b];
}

/* What has no room is left out. */
static void put_conditions(const struct rule_view *view, char *into, size_t size)
{
    size_t len = 0;
    char   text[300];

    into[0] = '\0';
    for (size_t c = 0; c < view->seen_count && len < size; c++)
        len += (size_t)snprintf(into + len, size - len, "%s%s", c ? "; " : "",
                                rule_seen_print(&view->seen[c], text, sizeof text));
}

static void on_view(void *context, const struct rule_view *view)
{
    struct looking   *l = context;
    struct check_row *row;

    if (view->why.code == ERR_UNSUPPORTED)
        return; /* said of the collector */
    row = row_add(&l->check);
    if (!row) {
        keep_first(l, err_of(ERR_NO_MEMORY, "checking"));
        return;
    }
    *row = (struct check_row){
        .rule = view->rule,
        .metric = view->metric ? view->metric : metric_find(view->rule->metric),
        .value = view->value,
        .state = state_of(view),
        .why = view->why,
    };
    snprintf(row->instance, sizeof row->instance, "%s", view->instance);
    put_conditions(view, row->conditions, sizeof row->conditions);
    l->check.counts[row->state]++;
    if (is_worse(row->state, l->check.worst))
        l->check.worst = row->state;
}

static int worst_first(const void *a, const void *b)
{
    const struct check_row *x = a, *y = b;

    if (x->state != y->state)
        return is_worse(x->state, y->state) ? -1 : 1;
    return x->rule != y->rule ? (x->rule < y->rule ? -1 : 1) : strcmp(x->instance, y->instance);
}

/* ---- the command ---- */

enum { CONFIG, JSON, PLUGIN, VERBOSE, ALL };

static const struct option_row options[] = {
    [CONFIG] = { "config", 'c', "FILE", "a configuration instead of the usual one" },
    [JSON] = { "json", 'j', NULL, "as JSON (proto/schema/check.schema.json)" },
    [PLUGIN] = { "plugin", 'p', NULL, "one line with performance data, for monitoring systems" },
    [VERBOSE] = { "verbose", 'v', NULL, "also what was read without a rule" },
    [ALL] = { "all", 'a', NULL, "also what is read only on demand (with --verbose, to see it)" },
    { 0 },
};

static int say_failure(struct err e)
{
    char text[200];

    printf("PICKET UNKNOWN - %s\n", err_print(e, text, sizeof text));
    return CHECK_UNKNOWN;
}

static int say_mistakes(const struct looking *l)
{
    size_t count = l->problems.count + l->problems.omitted;

    printf("PICKET UNKNOWN - %s has %zu mistake%s: see picket config check\n", l->origin, count, count == 1 ? "" : "s");
    return CHECK_UNKNOWN;
}

static struct err open_loop(struct looking *l)
{
    struct err e = plat_loop_init(&l->loop);

    if (failed(e))
        return e;
    l->has_loop = true;
    uv_timer_init(&l->loop, &l->timer);
    return e;
}

static void close_loop(struct looking *l)
{
    if (!l->has_loop)
        return;
    uv_close((uv_handle_t *)&l->timer, NULL);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    uv_loop_close(&l->loop);
}

static struct err prepare(struct looking *l, const char *config_file, bool all)
{
    const char *path = config_file;
    size_t      size = sizeof l->device;
    struct err  e = err_ok();

    if (!path) {
        e = paths_find(NULL, &l->paths);
        path = l->paths.config;
    }
    snprintf(l->origin, sizeof l->origin, "%s", path);
    if (!failed(e))
        e = config_load(path, config_file != NULL, &l->problems, l->origin, sizeof l->origin, &l->config);
    if (failed(e) && l->problems.count)
        problems_print(stderr, path, &l->problems);
    if (!failed(e))
        e = rules_new(l->config->policy, &l->rules);
    if (!failed(e))
        e = open_loop(l);
    if (!failed(e))
        e = round_new(1, &l->round);
    if (!failed(e))
        e = figures_new(&l->check.figures);
    if (failed(e))
        return e;
    round_configure(l->round, l->config);
    round_ask_all(l->round, all);
    l->check.outcomes = calloc(collector_count, sizeof *l->check.outcomes);
    l->check.asleep = calloc(collector_count, sizeof *l->check.asleep);
    if (!l->check.outcomes || !l->check.asleep)
        return err_of(ERR_NO_MEMORY, "checking");
    if (l->config->device_name)
        snprintf(l->device, sizeof l->device, "%s", l->config->device_name);
    else if (uv_os_gethostname(l->device, &size) != 0)
        snprintf(l->device, sizeof l->device, "this machine");
    l->check.device = l->device;
    l->check.origin = l->origin;
    return e;
}

static struct err print(const struct check *check, bool json, bool plugin, bool verbose)
{
    if (json)
        return check_print_json(check, stdout);
    if (plugin) {
        check_print_plugin(check, stdout);
        return err_ok();
    }
    check_print_summary(check, stdout);
    return check_print_table(check, verbose, stdout);
}

static void let_go(struct looking *l)
{
    round_free(&l->round);
    close_loop(l);
    rules_free(&l->rules);
    figures_free(&l->check.figures);
    if (l->config)
        config_free(&l->config);
    free(l->check.outcomes);
    free(l->check.asleep);
    free(l->check.rows);
    free(l);
}

static int look(const char *config_file, const bool *chosen)
{
    struct looking *l = calloc(1, sizeof *l);
    struct err      e;
    int             status;

    if (!l)
        return say_failure(err_of(ERR_NO_MEMORY, "checking"));
    e = prepare(l, config_file, chosen[ALL]);
    if (!failed(e)) {
        read_all(l);
        rules_each(l->rules, on_view, l);
        if (l->check.row_count == 0) /* nothing was judged: that is not "ok" */
            l->check.worst = CHECK_UNKNOWN;
        e = l->err;
    }
    if (!failed(e)) {
        if (l->check.row_count)
            qsort(l->check.rows, l->check.row_count, sizeof *l->check.rows, worst_first);
        e = print(&l->check, chosen[JSON], chosen[PLUGIN], chosen[VERBOSE]);
    }
    if (!failed(e))
        status = (int)l->check.worst;
    else
        status = l->problems.count ? say_mistakes(l) : say_failure(e);
    let_go(l);
    return status;
}

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_check, .argc = argc, .argv = argv };
    const char        *config_file = NULL;
    bool               chosen[ARRAY_LEN(options)] = { false };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status == EXIT_DONE ? EXIT_DONE : CHECK_UNKNOWN;
        chosen[option] = true;
        if (option == CONFIG)
            config_file = scan.value;
    }
    if (scan.at < argc) {
        usage_error(&command_check, "\"%s\" is one word too many", argv[scan.at]);
        return CHECK_UNKNOWN;
    }
    return look(config_file, chosen);
}

const struct command command_check = {
    .name = "check",
    .summary = "Read everything once and judge it by the rules, without waiting.",
    .usage = "",
    .help = "Needs no running agent and changes nothing. What is a rate is read twice, a second apart, and the rules are "
            "applied at once: what a rule asks to hold for a while may be over in a moment, so a busy second can be a "
            "warning here that the agent would never raise.\n"
            "\n"
            "Exit codes are those of monitoring plugins: 0 ok, 1 warning, 2 critical, 3 unknown (something could not be "
            "read and nothing is worse, or the configuration has a mistake).",
    .options = options,
    .run = run,
};
