#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/cli/command.h"
#include "agent/cli/loaded.h"
#include "agent/cli/picture.h"
#include "agent/cli/screen.h"
#include "agent/cli/trail.h"
#include "agent/cli/view.h"
#include "agent/control/ask_samples.h"
#include "platform/clock.h"
#include "platform/loop.h"
#include "platform/terminal.h"

enum { ALL, ONCE, STATE };

static const struct option_row options[] = {
    [ALL] = { "all", 'a', NULL, "every figure, and rules at rest" },
    [ONCE] = { "once", '1', NULL, "print it and end; so it is where the output is no terminal" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    { 0 },
};

/* The agent is asked when its next reading is due, never more often than the first, never less than the second. */
enum { ASK_LEAST_MS = 1000, ASK_MOST_MS = 5000, ASK_LOST_MS = 2000, ASK_BEHIND_MS = 200, DRAW_MS = 1000 };

struct watch {
    const char        *state;
    bool               all, closing;
    struct table_style style;
    struct picture     shown; /* the last one that was whole */
    struct picture     asked; /* what the worker gets */
    struct trails     *trails;
    uint32_t           step_ms;       /* of a trail's column: the agent's period */
    int64_t            reading_ms;    /* wall: when the last reading began */
    uint64_t           lost_ms;       /* steady: since when nobody answers; 0: somebody does */
    size_t             first, beyond; /* lines above and below what is seen */
    uv_loop_t          loop;
    uv_timer_t         ask_timer, draw_timer;
    uv_work_t          work;
    bool               is_asking;
};

/* ---- what was seen ---- */

/* Readings begin at one moment for all figures; the clock of samples has whole rounds too. */
static void learn(struct watch *w)
{
    const struct talk_agent *agent = picture_agent(&w->shown);

    w->step_ms = agent->period_s > 0 && agent->period_s < 86400 ? (uint32_t)agent->period_s * 1000 : 60000;
    w->reading_ms = w->shown.wall_ms - (int64_t)agent->round_age_ms;
    if (agent->rounds == 0)
        return;
    for (size_t i = 0; i < w->shown.count; i++) {
        const struct talk_figure *f = w->shown.all[i].value;

        if (w->shown.all[i].record == &talk_figure_record)
            (void)trails_put(w->trails, f->name, f->instance, w->reading_ms, f->value);
    }
}

static bool on_sample(void *context, const struct block_sample *s)
{
    struct watch *w = context;
    char          instance[sizeof((struct talk_figure *)0)->instance];

    attrs_print(s->attrs, s->attr_count, instance, sizeof instance);
    return !failed(trails_put(w->trails, s->metric, instance, s->wall_ms, s->value));
}

/* What the agent kept of the last minutes. Without it the lines begin empty. */
static void remember(struct watch *w)
{
    char why[ASK_WHY_MAX];

    (void)ask_samples(w->state, plat_clock_wall_ms() - TALK_HISTORY_MS + 1000, on_sample, w, why);
}

/* ---- the page ---- */

static size_t trail_columns(size_t columns)
{
    static const struct {
        size_t from, columns;
    } widths[] = { { 120, 40 }, { 80, 24 }, { 60, 12 }, { 50, 8 } };

    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        if (columns == 0 || columns >= widths[i].from)
            return widths[i].columns;
    return 6;
}

static void draw_trail(void *context, const struct talk_figure *figure, char into[VIEW_TRAIL_MAX])
{
    const struct watch     *w = context;
    const struct trail_look look = { .end_ms = w->reading_ms,
                                     .step_ms = w->step_ms,
                                     .columns = trail_columns(w->style.columns),
                                     .share = strcmp(figure->unit, "1") == 0,
                                     .ascii = w->style.ascii };

    trails_draw(w->trails, figure->name, figure->instance, &look, into, VIEW_TRAIL_MAX);
}

/* Figures that one looks for first, also where no rule does. */
static bool is_basic(const char *name)
{
    static const char *const basics[] = { "system.cpu.utilization",        "system.linux.cpu.load_1m",
                                          "system.memory.utilization",     "system.paging.utilization",
                                          "system.filesystem.utilization", "system.disk.io.rate",
                                          "system.network.io.rate" };

    for (size_t i = 0; i < ARRAY_LEN(basics); i++)
        if (strcmp(name, basics[i]) == 0)
            return true;
    return false;
}

static bool is_shown(const struct watch *w, const struct picture_record *r)
{
    const struct talk_collector *collector = r->value;
    const struct talk_figure    *figure = r->value;

    if (r->record == &talk_alert_record)
        return ((const struct talk_alert *)r->value)->open;
    if (w->all)
        return true;
    if (r->record == &talk_figure_record)
        return figure->rule || is_basic(figure->name);
    if (r->record == &talk_collector_record)
        return strcmp(collector->state, "failed") == 0;
    return true;
}

static bool print_age(const struct watch *w, char *into, size_t size)
{
    const struct talk_agent *agent = picture_agent(&w->shown);
    uint64_t                 now = plat_clock_steady_ms();
    uint64_t                 age_s = (now - w->shown.steady_ms + agent->round_age_ms) / 1000;
    bool                     late = age_s > 3 * agent->period_s;

    if (w->lost_ms)
        snprintf(into, size, "NO ANSWER for %" PRIu64 " s; this is how it was %" PRIu64 " s ago",
                 (now - w->lost_ms) / 1000, age_s);
    else if (agent->rounds == 0)
        snprintf(into, size, "the first reading is being made");
    else
        snprintf(into, size, "%s %" PRIu64 " s ago, one every %" PRIu64 " s", late ? "LAST READING" : "reading", age_s,
                 agent->period_s);
    return late || w->lost_ms;
}

static void make_page(struct watch *w, struct view *v)
{
    char                   age[120];
    const bool             late = print_age(w, age, sizeof age);
    const struct view_live live = { draw_trail, w, age, late };

    view_begin(v, w->style, w->all);
    v->live = &live;
    for (size_t i = 0; i < w->shown.count; i++)
        if (is_shown(w, &w->shown.all[i]))
            view_put(v, w->shown.all[i].record, w->shown.all[i].value);
    view_finish(v);
    v->live = NULL;
}

static void draw(struct watch *w)
{
    struct view view;

    w->style = table_style_of(stdout);
    make_page(w, &view);
    w->beyond = screen_draw(buf_text(&view.text), w->first, w->all ? "q ends, a shows less" : "q ends, a shows all",
                            w->style.ascii);
    view_end(&view, NULL);
}

/* ---- asking ---- */

static void ask(uv_work_t *work)
{
    struct watch *w = container_of(work, struct watch, work);

    picture_take(w->state, &w->asked);
}

static void on_ask_timer(uv_timer_t *timer);

/* When there will be something new. */
static uint64_t pause_ms(const struct watch *w)
{
    const struct talk_agent *agent = picture_agent(&w->shown);
    uint64_t                 period_ms = agent->period_s * 1000 + ASK_BEHIND_MS;
    uint64_t                 wait_ms = period_ms > agent->round_age_ms ? period_ms - agent->round_age_ms : 0;

    if (w->lost_ms)
        return ASK_LOST_MS;
    return wait_ms < ASK_LEAST_MS ? ASK_LEAST_MS : wait_ms > ASK_MOST_MS ? ASK_MOST_MS : wait_ms;
}

static void on_asked(uv_work_t *work, int status)
{
    struct watch *w = container_of(work, struct watch, work);

    w->is_asking = false;
    if (w->closing || status != 0 || !picture_agent(&w->asked)) {
        picture_done(&w->asked);
        if (!w->lost_ms)
            w->lost_ms = plat_clock_steady_ms();
    } else {
        picture_done(&w->shown);
        w->shown = w->asked;
        w->asked = (struct picture){ .err = err_ok() };
        w->lost_ms = 0;
        learn(w);
    }
    if (w->closing)
        return;
    uv_timer_start(&w->ask_timer, on_ask_timer, pause_ms(w), 0);
    draw(w);
}

/* On a worker: an agent that is stopped must not hold up the keys. */
static void on_ask_timer(uv_timer_t *timer)
{
    struct watch *w = container_of(timer, struct watch, ask_timer);

    w->is_asking = uv_queue_work(&w->loop, &w->work, ask, on_asked) == 0;
}

static void on_draw_timer(uv_timer_t *timer)
{
    draw(container_of(timer, struct watch, draw_timer));
}

/* ---- keys ---- */

static void end(struct watch *w)
{
    if (w->closing)
        return;
    w->closing = true;
    screen_close();
    uv_close((uv_handle_t *)&w->ask_timer, NULL);
    uv_close((uv_handle_t *)&w->draw_timer, NULL);
    uv_stop(&w->loop); /* an answer that is still waited for is of no use */
}

static void scroll(struct watch *w, bool down, size_t lines)
{
    size_t most = down ? w->beyond : w->first;

    lines = lines < most ? lines : most;
    w->first = down ? w->first + lines : w->first - lines;
}

static void on_event(void *context, enum screen_event event, char key)
{
    struct watch *w = context;
    const size_t  page = plat_terminal_rows(stdout) > 2 ? plat_terminal_rows(stdout) - 2 : 1;

    if (event == SCREEN_QUIT) {
        end(w);
        return;
    }
    if (event == SCREEN_UP || event == SCREEN_DOWN)
        scroll(w, event == SCREEN_DOWN, 1);
    if (event == SCREEN_PAGE_UP || event == SCREEN_PAGE_DOWN)
        scroll(w, event == SCREEN_PAGE_DOWN, page);
    if (event == SCREEN_RESIZED || key == 'a')
        w->first = 0;
    w->all = w->all != (event == SCREEN_KEY && key == 'a');
    draw(w);
}

/* ---- the command ---- */

static int watch_on(struct watch *w)
{
    struct err e = plat_loop_init(&w->loop);

    if (failed(e))
        return command_failed(&command_watch, "", e);
    uv_timer_init(&w->loop, &w->ask_timer);
    uv_timer_init(&w->loop, &w->draw_timer);
    e = screen_open(&w->loop, on_event, w);
    if (failed(e))
        return command_failed(&command_watch, "", e);
    draw(w);
    uv_timer_start(&w->ask_timer, on_ask_timer, pause_ms(w), 0);
    uv_timer_start(&w->draw_timer, on_draw_timer, DRAW_MS, DRAW_MS);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    return EXIT_DONE;
}

static int print_once(struct watch *w)
{
    struct view view;

    make_page(w, &view);
    view_end(&view, stdout);
    return EXIT_DONE;
}

static int begin(struct watch *w, bool once)
{
    int status = EXIT_FAILED;

    w->style = table_style_of(stdout);
    picture_take(w->state, &w->shown);
    if (!picture_agent(&w->shown)) {
        fprintf(stderr, "picket watch: %s\n", w->shown.why);
    } else if (failed(trails_new(&w->trails))) {
        status = command_failed(&command_watch, "", err_of(ERR_NO_MEMORY, "starting"));
    } else {
        remember(w);
        learn(w);
        status = once || !plat_terminal_has_screen(stdout) ? print_once(w) : watch_on(w);
    }
    if (w->is_asking)
        _Exit(status); /* an orderly end would wait until the agent answers, or ten seconds */
    picture_done(&w->shown);
    trails_free(&w->trails);
    return status;
}

static int run(int argc, char **argv)
{
    static struct watch w; /* outlives an answer that comes too late */
    struct option_scan  scan = { .command = &command_watch, .argc = argc, .argv = argv };
    bool                once = false;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        w.all = w.all || option == ALL;
        once = once || option == ONCE;
        if (option == STATE)
            w.state = scan.value;
    }
    if (scan.at < argc)
        return usage_error(&command_watch, "\"%s\" is one word too many", argv[scan.at]);
    return begin(&w, once);
}

const struct command command_watch = {
    .name = "watch",
    .summary = "Look on while the running agent measures.",
    .usage = "",
    .help =
        "Open alerts, rules that are not at rest, upstreams, and figures with a small line of their past, one column a "
        "reading: shares from 0 to 100 %, others from 0 to the most that is seen. Anew with each of the agent's "
        "readings. "
        "An agent that ends is waited for.\n"
        "\n"
        "Keys: q or Ctrl+C ends it, a shows every figure or less, j and k, arrows, space and b scroll. NO_COLOR, "
        "TERM=dumb "
        "and a locale without UTF-8 are heeded. Needs no rights beyond a local account. Exit code 1 when no agent "
        "answers at the start.",
    .options = options,
    .run = run,
};
