#include "agent/warden_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/lastrun.h"
#include "agent/outbox/device_id.h"
#include "agent/outbox/outbox.h"
#include "agent/stocktake.h"
#include "platform/child.h"
#include "platform/clock.h"
#include "platform/lock.h"
#include "platform/loop.h"
#include "platform/machine.h"
#include "platform/private.h"
#include "platform/service.h"

void warden_say(const char *about, const char *what, struct err e)
{
    char text[160];

    log_error(about, "%s%s%s", what, what[0] ? ": " : "", err_print(e, text, sizeof text));
}

/* ---- signals ---- */

void warden_shut_down(struct warden *w)
{
    warden_flush_samples(w);
    if (w->state.round)
        round_attach(w->state.round, NULL, NULL, NULL);
    serve_close(&w->serve);
    scrape_close(&w->scrape);
    stocktake_free(&w->state.stocktake);
    plat_signals_close(&w->signals);
    uv_close((uv_handle_t *)&w->timer, NULL);
}

static void on_link_closed(void *context)
{
    struct warden *w = context;

    w->state.link = NULL;
    warden_shut_down(w);
}

static void stop(struct warden *w)
{
    if (w->stopping)
        return;
    w->stopping = true;
    lastrun_close(); /* first: at the system's end there may be no time for the rest */
    log_info("agent", "stopping");
    uv_timer_stop(&w->timer);
    if (w->next_config && w->state.link)
        return; /* the courier is ending already; swap_config goes on from there */
    if (w->state.link)
        courier_link_close(w->state.link, on_link_closed, w);
    else
        warden_shut_down(w);
}

static void on_signal(void *context, enum plat_signal signal)
{
    if (signal == PLAT_SIGNAL_STOP)
        stop(context);
    else
        warden_reload(context);
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

/* The folder itself, which needs no room on its disk; a file in it where folders cannot be locked. */
static struct err take_lock(struct warden *w)
{
    struct err e = plat_lock_take(w->state.paths.state_dir, &w->lock);

    return failed(e) && e.code != ERR_BUSY ? plat_lock_take(w->state.paths.lock, &w->lock) : e;
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
        e = take_lock(w);
    if (e.code == ERR_BUSY)
        log_error("agent", "another agent works in %s; stop it first, or give this one a folder of its own: --state DIR",
                  p->state_dir);
    return e;
}

/* What became of the device's id, for those who look for a device that is suddenly another. */
static struct err find_device(struct warden *w, const char *state_dir)
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
    struct err          e = plat_machine_read(&machine);

    if (e.code != ERR_NO_MEMORY)
        e = device_id_find(state_dir, machine.id, &id);
    if (failed(e))
        return e;
    snprintf(w->state.device_id, sizeof w->state.device_id, "%s", id.text);
    if (id.how == DEVICE_ID_KEPT)
        return e;
    if (failed(id.why))
        err_print(id.why, text, sizeof text);
    if (id.how == DEVICE_ID_MADE && !text[0])
        log_info("device", "%s: a new id, made at this first start", id.text);
    else
        log_warn("device", "%s: %s%s%s", id.text, news[id.how], text[0] ? "; " : "", text);
    return e;
}

static struct err open_outbox(struct warden *w)
{
    struct outbox_options o = { .path = w->state.paths.outbox,
                                .max_bytes = (uint64_t)w->state.config->outbox_mb * 1024 * 1024,
                                .history_hours = w->state.config->history_hours,
                                .device_id = w->state.device_id };
    struct outbox_health  health;
    struct err            e;

    e = find_device(w, w->state.paths.state_dir);
    if (!failed(e))
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
    struct err e = plat_loop_init(&w->loop);

    if (!failed(e))
        uv_timer_init(&w->loop, &w->timer); /* which cannot fail */
    return e;
}

/* Without it (a folder that cannot be written) the command line cannot ask; watching goes on. */
void warden_open_control(struct warden *w)
{
    struct err e = serve_open(&w->loop, &w->state, &w->serve);

    if (failed(e))
        warden_say("control", "no socket, so `picket status` and `picket tickets` cannot ask this agent", e);
}

static struct err open_rest(struct warden *w)
{
    struct err e = plat_signals_open(&w->loop, on_signal, w, &w->signals);

    if (!failed(e))
        e = figures_new(&w->state.figures);
    if (!failed(e))
        e = block_writer_new(&w->state.block);
    if (!failed(e))
        e = stocktake_new(&w->loop, w->state.outbox, w->state.paths.run_dir, &w->state.stocktake);
    if (!failed(e))
        e = warden_open_configured(w);
    if (!failed(e))
        warden_open_control(w);
    return e;
}

static void close_all(struct warden *w)
{
    warden_close_configured(w);
    config_free(&w->next_config);
    block_writer_free(&w->state.block);
    figures_free(&w->state.figures);
    outbox_close(&w->state.outbox);
    plat_lock_release(&w->lock);
}

static int run_loop(struct warden *w)
{
    struct err e = open_rest(w);

    if (failed(e)) {
        warden_say("agent", "ending", e);
        stop(w);
    } else {
        log_info("agent", "watching %s every %u s; configuration: %s", w->state.device_name,
                 (unsigned)w->state.config->period_s, w->state.config_origin);
        plat_service_ready();
        warden_tell_service(w);
    }
    uv_run(&w->loop, UV_RUN_DEFAULT);
    close_all(w);
    if (uv_loop_close(&w->loop) != 0)
        log_error("agent", "something was left open at the end");
    return failed(e) || w->broke ? 1 : 0;
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
        e = warden_load_config(&w, w.state.config_origin, &w.state.config);
    if (!failed(e))
        e = open_outbox(&w);
    if (!failed(e))
        e = open_loop(&w);
    if (!failed(e)) {
        lastrun_open(w.state.paths.state_dir);
        return run_loop(&w);
    }
    warden_say("agent", "not started", e);
    close_all(&w);
    return 1;
}
