/* agent/warden_parts.h - what the files of the warden share; nobody else includes it.
 *
 *     warden.c             from beginning to end: folders, loop, signals, control socket
 *     warden_configured.c  what lives as long as one configuration, and the change to the next
 *     warden_round.c       one wake-up
 */
#ifndef PICKET_AGENT_WARDEN_PARTS_H
#define PICKET_AGENT_WARDEN_PARTS_H

#include "agent/alert/alerts.h"
#include "agent/control/scrape.h"
#include "agent/control/serve.h"
#include "agent/moment.h"
#include "agent/warden.h"
#include "platform/signals.h"

struct warden {
    struct warden_options  options;
    struct agent_state     state;
    uv_loop_t              loop;
    uv_timer_t             timer;
    struct plat_signals   *signals;
    struct serve          *serve;
    struct scrape         *scrape; /* NULL unless the configuration wants it */
    struct alerts         *alerts;
    struct moment         *moment;
    uint64_t               block_since_ms; /* steady */
    struct config         *next_config; /* waits until the courier of the present one has ended */
    char                   next_origin[sizeof((struct agent_state *)0)->config_origin];
    bool                   was_failing[COLLECTORS_MAX];
    bool                   was_durable;
    bool                   stopping;
    bool                   broke; /* a new configuration could not be taken into use */
    int                    lock;
};

void warden_say(const char *about, const char *what, struct err e);
void warden_open_control(struct warden *w);
void warden_shut_down(struct warden *w); /* closes what the loop holds, so that it ends */

/* warden_round.c */
void warden_on_timer(uv_timer_t *timer);
void warden_on_late(void *context); /* a round_ready_fn */
void warden_on_alert(void *context, const struct alert *a);
void warden_flush_samples(struct warden *w);

/* warden_configured.c */
struct err warden_load_config(struct warden *w, char *origin, struct config **ret);
struct err warden_open_configured(struct warden *w); /* config was put into state */
void       warden_close_configured(struct warden *w);
void       warden_tell_service(const struct warden *w); /* what is watched, or why the new configuration is not in force */
void       warden_reload(struct warden *w); /* keeps the running configuration if the new one is bad */

#endif
