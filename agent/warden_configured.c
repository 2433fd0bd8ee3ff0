#include "agent/warden_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/logs.h"
#include "agent/config_load.h"
#include "agent/upstream/setup.h"
#include "platform/clock.h"
#include "platform/machine.h"
#include "platform/service.h"

/* ---- the courier ---- */

static void on_up(void *context, const struct link_ready *ready)
{
    struct warden *w = context;

    w->state.courier = *ready;
    log_info("courier", "at work as %s; %s", ready->user, ready->confinement);
    dispatch_on_up(w->state.dispatch);
    export_run(w->state.export);
}

static void on_done(void *context, const struct link_done *done)
{
    dispatch_on_done(((struct warden *)context)->state.dispatch, done);
}

static void on_news(void *context, const struct link_news *news)
{
    dispatch_on_news(((struct warden *)context)->state.dispatch, news);
}

static void on_taken(void *context, const struct link_taken *taken)
{
    export_on_taken(((struct warden *)context)->state.export, taken);
}

static void on_down(void *context)
{
    dispatch_on_down(((struct warden *)context)->state.dispatch);
    export_on_down(((struct warden *)context)->state.export);
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
                                      .spare_lock = w->lock,
                                      .log_level = level_of(w),
                                      .listener = { on_up, on_done, on_news, on_taken, on_down, w } };
    struct err                  e = err_ok();

    if (needs_courier(w->state.config))
        e = courier_link_open(&w->loop, &o, &w->state.link);
    if (failed(e))
        return e;
    dispatch_set_link(w->state.dispatch, w->state.link);
    export_set_link(w->state.export, w->state.link);
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
                                      .storm = { c->storm_alerts, c->storm_min * 60 },
                                      .block = w->state.block,
                                      .on_change = warden_on_alert,
                                      .context = w };
    struct err                  e = alerts_open(&o, &w->alerts);

    return failed(e) ? e
                     : alerts_restore(w->alerts, w->state.rules, c->policy, plat_clock_wall_ms(), plat_clock_steady_ms());
}

void warden_close_configured(struct warden *w)
{
    scrape_close(&w->scrape);
    export_free(&w->state.export);
    dispatch_free(&w->state.dispatch);
    alerts_close(&w->alerts);
    moment_free(&w->moment);
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

/* Without it nobody scrapes; watching goes on. */
static void open_scrape(struct warden *w)
{
    struct err e = err_ok();

    if (w->state.config->metrics_socket > 0)
        e = scrape_open(&w->loop, &w->state, &w->scrape);
    if (failed(e))
        warden_say("metrics", "no socket for scrapers", e);
}

struct err warden_open_configured(struct warden *w)
{
    struct agent_state *s = &w->state;
    struct err          e;

    log_set_level(level_of(w));
    outbox_limit(s->outbox, (uint64_t)s->config->outbox_mb * 1024 * 1024, s->config->history_hours);
    name_device(w);
    logs_keep(s->paths.logs);
    e = round_new(s->config->period_s, &s->round);
    if (!failed(e)) {
        round_configure(s->round, s->config);
        round_attach(s->round, &w->loop, warden_on_late, w);
    }
    if (!failed(e))
        e = rules_new(s->config->policy, &s->rules);
    if (!failed(e))
        e = moment_new(s->config->policy, &w->moment);
    if (!failed(e))
        e = open_alerts(w);
    if (!failed(e))
        e = dispatch_new(s->config, s->outbox, device_of(w), &s->dispatch);
    if (!failed(e))
        e = export_new(s->config, s->outbox, s->device_id, s->device_name, &s->export);
    if (!failed(e))
        e = open_link(w);
    if (failed(e))
        return e;
    uv_timer_start(&w->timer, warden_on_timer, 0, (uint64_t)s->config->period_s * 1000);
    open_scrape(w);
    return e;
}

/* ---- from one configuration to the next ---- */

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

struct err warden_load_config(struct warden *w, char *origin, struct config **ret)
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

void warden_tell_service(const struct warden *w)
{
    char line[sizeof w->state.config_error + 40];

    if (w->state.config_error[0])
        snprintf(line, sizeof line, "new configuration not taken: %s", w->state.config_error);
    else
        snprintf(line, sizeof line, "watching %.200s every %u s", w->state.device_name, (unsigned)w->state.config->period_s);
    plat_service_say(line);
}

/* The courier of the old configuration has ended. */
static void swap_config(void *context)
{
    struct warden *w = context;
    struct err     e;

    w->state.link = NULL;
    if (w->stopping) {
        warden_shut_down(w);
        return;
    }
    uv_timer_stop(&w->timer);
    warden_close_configured(w);
    w->state.config = w->next_config;
    w->next_config = NULL;
    memcpy(w->state.config_origin, w->next_origin, sizeof w->state.config_origin);
    w->state.config_error[0] = '\0';
    e = warden_open_configured(w);
    if (failed(e)) {
        warden_say("configuration", "taking it into use failed; ending, to be started anew", e);
        w->stopping = w->broke = true;
        warden_shut_down(w);
        return;
    }
    log_info("configuration", "in force: %s", w->state.config_origin);
    warden_tell_service(w);
}

void warden_reload(struct warden *w)
{
    struct config *config = NULL;
    char           origin[sizeof w->next_origin];
    struct err     e;

    if (w->stopping)
        return;
    e = warden_load_config(w, origin, &config);
    if (failed(e)) {
        warden_say("configuration", "not taken, the running one stays in force", e);
        warden_tell_service(w);
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
