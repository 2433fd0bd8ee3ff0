#include "agent/warden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alert/alerts.h"
#include "agent/config_load.h"
#include "agent/control/serve.h"
#include "agent/outbox/block.h"
#include "agent/outbox/device_id.h"
#include "agent/outbox/outbox.h"
#include "agent/upstream/setup.h"
#include "platform/child.h"
#include "platform/clock.h"
#include "platform/lock.h"
#include "platform/machine.h"
#include "platform/private.h"
#include "platform/signals.h"

enum { FLUSH_MS = 5 * 60 * 1000, FORGET_PERIODS = 5 };

struct warden {
    struct warden_options  options;
    struct agent_state     state;
    uv_loop_t              loop;
    uv_timer_t             timer;
    struct plat_signals   *signals;
    struct serve          *serve;
    struct alerts         *alerts;
    struct block_writer   *block;
    uint64_t               block_since_ms; /* steady */
    struct config         *next_config; /* waits until the courier of the present one has ended */
    char                   next_origin[sizeof((struct agent_state *)0)->config_origin];
    bool                   was_failing[COLLECTORS_MAX];
    bool                   was_durable;
    bool                   stopping;
    int                    lock;
};

static void say(const char *about, const char *what, struct err e)
{
    char text[160];

    log_error(about, "%s%s%s", what, what[0] ? ": " : "", err_print(e, text, sizeof text));
}

/* ---- one round ---- */

static void on_sample(void *context, const struct sample *sample)
{
    struct warden *w = context;
    struct err     e = rules_put(w->state.rules, sample);

    if (failed(e) && rules_refused(w->state.rules) <= 1) /* once; the next ones are only counted */
        say("rules", sample->metric->name, e);
    (void)figures_put(w->state.figures, sample, plat_clock_steady_ms());
    (void)block_put(w->block, plat_clock_wall_ms(), sample);
}

/* The same failure is said when it starts and when it ends. */
static void on_collector(void *context, const struct collector *collector, struct err outcome, uint64_t took_us)
{
    struct warden *w = context;
    size_t         i = 0;
    char           text[160];
    bool           failing = failed(outcome);

    rules_collector_read(w->state.rules, collector->metrics, collector->metric_count,
                         round_period_s(w->state.round, collector), outcome);
    while (i < collector_count && collectors[i] != collector)
        i++;
    if (i >= COLLECTORS_MAX)
        return;
    w->state.took_us[i] = took_us;
    if (failing == w->was_failing[i])
        return;
    w->was_failing[i] = failing;
    err_print(outcome, text, sizeof text);
    if (outcome.code == ERR_UNSUPPORTED)
        log_info(collector->name, "%s; not asking again", text);
    else if (failing)
        log_warn(collector->name, "%s; trying again every period", text);
    else
        log_info(collector->name, "readable again");
}

static void on_event(void *context, const struct rule_event *event)
{
    struct warden *w = context;
    struct err     e = alerts_on_event(w->alerts, event, plat_clock_wall_ms(), plat_clock_steady_ms());

    if (failed(e))
        say("alerts", event->rule_name, e);
}

static void on_alert(void *context, const struct alert *a)
{
    (void)context;
    log_info("alert", "%s %s: %s (%s)", a->open ? severity_name(a->severity) : "cleared", a->ref, a->title, a->change);
}

static void flush_block(struct warden *w)
{
    struct block done;
    struct err   e = block_take(w->block, &done);

    w->block_since_ms = plat_clock_steady_ms();
    if (!failed(e) && done.count)
        e = outbox_samples_put(w->state.outbox, done.first_ms, done.last_ms, done.count, done.bytes.data,
                               done.bytes.len);
    block_done(&done);
    if (failed(e))
        say("outbox", "samples of the last minutes are lost", e);
}

/* A disk that refuses is said when it begins and when it ends; status says it all the time. */
static void watch_outbox(struct warden *w)
{
    struct outbox_health health;

    outbox_tick(w->state.outbox);
    outbox_health(w->state.outbox, &health);
    if (health.durable == w->was_durable)
        return;
    w->was_durable = health.durable;
    if (health.durable)
        log_info("outbox", "on disk again");
    else
        say("outbox", "kept in memory until the disk takes it", health.why);
}

static void run_round(struct warden *w)
{
    const struct round_listener listener = { on_sample, on_collector, w };
    struct agent_state         *s = &w->state;
    uint64_t                    now = plat_clock_steady_ms();
    uint64_t                    forget_ms = (uint64_t)s->config->period_s * 1000 * FORGET_PERIODS;

    rules_begin_round(s->rules, now);
    round_run(s->round, now, &listener);
    rules_end_round(s->rules, on_event, w);
    alerts_tick(w->alerts, plat_clock_wall_ms(), now);
    if (now > forget_ms)
        figures_forget(s->figures, now - forget_ms);
    if (now - w->block_since_ms >= FLUSH_MS || block_is_full(w->block))
        flush_block(w);
    watch_outbox(w);
    dispatch_run(s->dispatch);
    s->rounds++;
    if (w->options.on_round)
        w->options.on_round(w->options.context, s);
}

static void on_timer(uv_timer_t *timer)
{
    run_round(container_of(timer, struct warden, timer));
}

/* ---- the courier ---- */

static void on_up(void *context, const struct link_ready *ready)
{
    struct warden *w = context;

    w->state.courier = *ready;
    log_info("courier", "at work as %s; %s", ready->user, ready->confinement);
    dispatch_on_up(w->state.dispatch);
}

static void on_done(void *context, const struct link_done *done)
{
    dispatch_on_done(((struct warden *)context)->state.dispatch, done);
}

static void on_news(void *context, const struct link_news *news)
{
    dispatch_on_news(((struct warden *)context)->state.dispatch, news);
}

static void on_down(void *context)
{
    dispatch_on_down(((struct warden *)context)->state.dispatch);
}

static bool needs_courier(const struct config *config)
{
    for (size_t i = 0; i < config->upstream_count; i++)
        if (!upstream_is_desk(&config->upstreams[i]))
            return true;
    return false;
}

static enum log_level level_of(const struct warden *w)
{
    enum log_level level = LOG_LEVEL_INFO;

    (void)log_level_parse(w->options.log_level ? w->options.log_level : w->state.config->log_level, &level);
    return level;
}

static struct err open_link(struct warden *w)
{
    struct courier_link_options o = { .config = w->state.config,
                                      .lock_path = w->state.paths.courier_lock,
                                      .log_level = level_of(w),
                                      .listener = { on_up, on_done, on_news, on_down, w } };
    struct err                  e = err_ok();

    if (needs_courier(w->state.config))
        e = courier_link_open(&w->loop, &o, &w->state.link);
    if (!failed(e))
        dispatch_set_link(w->state.dispatch, w->state.link);
    return e;
}

/* ---- what depends on the configuration ---- */

static const struct dispatch_device *device_of(struct warden *w)
{
    static struct dispatch_device device;
    const char                   *url = w->state.config->device_url;

    device = (struct dispatch_device){ w->state.device_id, w->state.device_name, url ? url : "" };
    return &device;
}

static struct err open_alerts(struct warden *w)
{
    const struct config        *c = w->state.config;
    const struct alerts_options o = { .outbox = w->state.outbox,
                                      .device_id = w->state.device_id,
                                      .device_name = w->state.device_name,
                                      .client = c->client,
                                      .site = c->site,
                                      .url = c->device_url,
                                      .remind_hours = c->remind_hours,
                                      .on_change = on_alert,
                                      .context = w };
    struct err                  e = alerts_open(&o, &w->alerts);

    return failed(e) ? e : alerts_restore(w->alerts, w->state.rules);
}

static void close_configured(struct warden *w)
{
    dispatch_free(&w->state.dispatch);
    alerts_close(&w->alerts);
    rules_free(&w->state.rules);
    round_free(&w->state.round);
    config_free(&w->state.config);
}

static void name_device(struct warden *w)
{
    struct plat_machine machine;

    if (w->state.config->device_name)
        snprintf(w->state.device_name, sizeof w->state.device_name, "%s", w->state.config->device_name);
    else if (!failed(plat_machine_read(&machine)))
        snprintf(w->state.device_name, sizeof w->state.device_name, "%s", machine.host_name);
    else
        snprintf(w->state.device_name, sizeof w->state.device_name, "unnamed-%.8s", w->state.device_id);
}

/* config was put into state. */
static struct err open_configured(struct warden *w)
{
    struct agent_state *s = &w->state;
    struct err          e;

    log_set_level(level_of(w));
    name_device(w);
    e = round_new(s->config->period_s, &s->round);
    if (!failed(e))
        e = rules_new(s->config->policy, &s->rules);
    if (!failed(e))
        e = open_alerts(w);
    if (!failed(e))
        e = dispatch_new(s->config, s->outbox, device_of(w), &s->dispatch);
    if (!failed(e))
        e = open_link(w);
    if (!failed(e))
        uv_timer_start(&w->timer, on_timer, 0, (uint64_t)s->config->period_s * 1000);
    return e;
}

/* ---- signals ---- */

static void shut_down(struct warden *w);

/* The courier of the old configuration has ended. */
static void swap_config(void *context)
{
    struct warden *w = context;
    struct err     e;

    w->state.link = NULL;
    if (w->stopping) {
        shut_down(w);
        return;
    }
    uv_timer_stop(&w->timer);
    close_configured(w);
    w->state.config = w->next_config;
    w->next_config = NULL;
    memcpy(w->state.config_origin, w->next_origin, sizeof w->state.config_origin);
    w->state.config_error[0] = '\0';
    e = open_configured(w);
    if (failed(e)) {
        say("configuration", "taking it into use failed; ending, to be started anew", e);
        w->stopping = true;
        shut_down(w);
        return;
    }
    log_info("configuration", "in force: %s", w->state.config_origin);
}

static const char *config_path(const struct warden *w)
{
    return w->options.config_path ? w->options.config_path : w->state.paths.config;
}

static void say_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        log_error("configuration", "%s%s%s", problems->items[i].path, problems->items[i].path[0] ? ": " : "",
                  problems->items[i].text);
    if (problems->omitted)
        log_error("configuration", "and %zu more", problems->omitted);
}

static struct err load(struct warden *w, char *origin, struct config **ret)
{
    struct problems *problems = calloc(1, sizeof *problems);
    struct err       e;

    if (!problems)
        return err_of(ERR_NO_MEMORY, "reading the configuration");
    e = config_load(config_path(w), w->options.config_path != NULL, problems, origin,
                    sizeof w->state.config_origin, ret);
    if (failed(e) && problems->count)
        snprintf(w->state.config_error, sizeof w->state.config_error, "%.100s%s%.180s", problems->items[0].path,
                 problems->items[0].path[0] ? ": " : "", problems->items[0].text);
    say_problems(problems);
    free(problems);
    return e;
}

static void reload(struct warden *w)
{
    struct config *config = NULL;
    char           origin[sizeof w->next_origin];
    struct err     e;

    if (w->stopping)
        return;
    e = load(w, origin, &config);
    if (failed(e)) {
        say("configuration", "not taken, the running one stays in force", e);
        return;
    }
    memcpy(w->next_origin, origin, sizeof origin);
    if (w->next_config) { /* a reload waits already: it takes the newest */
        config_free(&w->next_config);
        w->next_config = config;
        return;
    }
    w->next_config = config;
    if (w->state.link)
        courier_link_close(w->state.link, swap_config, w);
    else
        swap_config(w);
}

static void shut_down(struct warden *w)
{
    flush_block(w);
    serve_close(&w->serve);
    plat_signals_close(&w->signals);
    uv_close((uv_handle_t *)&w->timer, NULL);
}

static void on_link_closed(void *context)
{
    struct warden *w = context;

    w->state.link = NULL;
    shut_down(w);
}

static void stop(struct warden *w)
{
    if (w->stopping)
        return;
    w->stopping = true;
    log_info("agent", "stopping");
    uv_timer_stop(&w->timer);
    if (w->next_config && w->state.link)
        return; /* the courier is ending already; swap_config goes on from there */
    if (w->state.link)
        courier_link_close(w->state.link, on_link_closed, w);
    else
        shut_down(w);
}

static void on_signal(void *context, enum plat_signal signal)
{
    if (signal == PLAT_SIGNAL_STOP)
        stop(context);
    else
        reload(context);
}

/* ---- from beginning to end ---- */

/* Others may pass: the control socket is there. One that is there already stays as it is. */
static struct err make_run_dir(const char *path)
{
    uv_fs_t request;
    int     status = uv_fs_mkdir(NULL, &request, path, 0755, NULL);

    uv_fs_req_cleanup(&request);
    return status == 0 || status == UV_EEXIST ? err_ok() : err_from_os(status, "making the run folder");
}

static struct err open_folders(struct warden *w)
{
    struct paths *p = &w->state.paths;
    struct err    e = paths_find(w->options.state_override, p);

    if (!failed(e))
        e = plat_private_dir(p->state_dir);
    if (!failed(e))
        e = make_run_dir(p->run_dir);
    if (!failed(e))
        e = plat_lock_take(p->lock, &w->lock);
    if (e.code == ERR_BUSY)
        log_error("agent", "another agent works in %s; stop it first, or give this one a folder of its own: --state DIR",
                  p->state_dir);
    return e;
}

/* What became of the device's id, for those who look for a device that is suddenly another. */
static void find_device(struct warden *w, const char *state_dir)
{
    static const char *const news[] = {
        [DEVICE_ID_MADE] = "a new id was made",
        [DEVICE_ID_CLONED] = "this is a copy of another machine's disk: a new id was made",
        [DEVICE_ID_DERIVED] = "the id cannot be kept; until then it is made of the machine's",
        [DEVICE_ID_PASSING] = "the id cannot be kept; this one is for this run",
    };
    struct plat_machine machine = { .id = "" };
    struct device_id    id;
    char                text[160] = "";

    (void)plat_machine_read(&machine);
    device_id_find(state_dir, machine.id, &id);
    snprintf(w->state.device_id, sizeof w->state.device_id, "%s", id.text);
    if (id.how == DEVICE_ID_KEPT)
        return;
    if (failed(id.why))
        err_print(id.why, text, sizeof text);
    log_warn("device", "%s: %s%s%s", id.text, news[id.how], text[0] ? "; " : "", text);
}

static struct err open_outbox(struct warden *w)
{
    struct outbox_options o = { .path = w->state.paths.outbox,
                                .max_bytes = (uint64_t)w->state.config->outbox_mb * 1024 * 1024,
                                .history_hours = w->state.config->history_hours,
                                .device_id = w->state.device_id };
    struct outbox_health  health;
    struct err            e;

    find_device(w, w->state.paths.state_dir);
    e = outbox_open(&o, &w->state.outbox);
    if (failed(e))
        return e;
    outbox_health(w->state.outbox, &health);
    if (health.set_aside)
        log_error("outbox", "the database was set aside as %s (%s); a new one was begun", health.set_aside,
                  health.set_aside_why.step);
    w->was_durable = true;
    return e;
}

static struct err open_loop(struct warden *w)
{
    int status = uv_loop_init(&w->loop);

    if (status == 0)
        status = uv_timer_init(&w->loop, &w->timer);
    return status ? err_from_os(status, "starting the event loop") : err_ok();
}

static struct err open_rest(struct warden *w)
{
    struct err e = plat_signals_open(&w->loop, on_signal, w, &w->signals);

    if (!failed(e))
        e = figures_new(&w->state.figures);
    if (!failed(e))
        e = block_writer_new(&w->block);
    if (!failed(e))
        e = open_configured(w);
    if (!failed(e))
        e = serve_open(&w->loop, &w->state, &w->serve);
    return e;
}

static void close_all(struct warden *w)
{
    close_configured(w);
    config_free(&w->next_config);
    block_writer_free(&w->block);
    figures_free(&w->state.figures);
    outbox_close(&w->state.outbox);
    plat_lock_release(&w->lock);
}

static int run_loop(struct warden *w)
{
    struct err e = open_rest(w);

    if (failed(e)) {
        say("agent", "ending", e);
        stop(w);
    } else {
        log_info("agent", "watching %s every %u s; configuration: %s", w->state.device_name,
                 (unsigned)w->state.config->period_s, w->state.config_origin);
    }
    uv_run(&w->loop, UV_RUN_DEFAULT);
    close_all(w);
    if (uv_loop_close(&w->loop) != 0)
        log_error("agent", "something was left open at the end");
    return failed(e) ? 1 : 0;
}

int warden_run(const struct warden_options *options)
{
    static struct warden w;
    struct err           e;

    w.options = *options;
    w.lock = -1;
    w.state.started_ms = plat_clock_wall_ms();
    plat_child_name_self("picket");
    e = open_folders(&w);
    if (!failed(e))
        e = load(&w, w.state.config_origin, &w.state.config);
    if (!failed(e))
        e = open_outbox(&w);
    if (!failed(e))
        e = open_loop(&w);
    if (!failed(e))
        return run_loop(&w);
    say("agent", "not started", e);
    close_all(&w);
    return 1;
}
