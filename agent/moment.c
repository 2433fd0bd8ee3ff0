#include "agent/moment.h"

#include <stdlib.h>
#include <string.h>

#include "agent/rule/window.h"
#include "platform/log.h"
#include "platform/sleep.h"
#include "platform/uptime.h"
#include "platform/zonefile.h"

enum { LOOK_AGAIN_MS = 60000 };

struct moment {
    const struct policy *policy;
    bool                 began;
    uint64_t             began_ms, up_ms; /* at the first reading */
    uint64_t             looked_ms;
    struct {
        struct zone          *zone;
        struct plat_zone_mark mark;
        bool                  failing;
    } windows[QUIET_WINDOWS_MAX];
};

static struct err load(const char *name, struct zone **ret, struct plat_zone_mark *mark)
{
    struct buf text;
    struct err e;

    buf_init(&text, ZONE_FILE_MAX);
    e = plat_zone_read(name, &text, mark);
    if (!failed(e))
        e = zone_parse(text.data, text.len, ret);
    else if (e.code == ERR_NOT_FOUND && !name)
        e = zone_new_utc(ret);
    buf_done(&text);
    return e;
}

int moment_zone_missing(const struct policy *policy, struct err *ret_why)
{
    for (size_t w = 0; w < policy->window_count; w++) {
        struct plat_zone_mark mark;
        struct zone          *zone = NULL;
        struct err            e = load(policy->windows[w].zone, &zone, &mark);

        zone_free(&zone);
        if (failed(e)) {
            *ret_why = e;
            return (int)w;
        }
    }
    return -1;
}

/* What cannot be read leaves the one before in force; at the very beginning that is UTC. */
static void look_at_zone(struct moment *m, size_t w)
{
    const struct quiet_window *window = &m->policy->windows[w];
    struct plat_zone_mark      mark = { 0 };
    struct zone               *zone = NULL;
    struct err                 e;
    char                       why[160];

    if (m->windows[w].zone && !m->windows[w].failing) {
        (void)plat_zone_read(window->zone, NULL, &mark);
        if (memcmp(&mark, &m->windows[w].mark, sizeof mark) == 0)
            return;
    }
    e = load(window->zone, &zone, &mark);
    if (failed(e) && !m->windows[w].failing)
        log_warn("windows", "%s: its time zone: %s; %s until it can be read", window->name, err_print(e, why, sizeof why),
                 m->windows[w].zone ? "as it was before" : "UTC");
    if (!failed(e) && m->windows[w].zone)
        log_info("windows", "%s: its time zone was read again", window->name);
    m->windows[w].failing = failed(e);
    if (failed(e) && !m->windows[w].zone)
        (void)zone_new_utc(&zone); /* without memory the window stays closed until the next look */
    if (!zone)
        return;
    zone_free(&m->windows[w].zone);
    m->windows[w].zone = zone;
    m->windows[w].mark = mark;
}

struct err moment_new(const struct policy *policy, struct moment **ret)
{
    struct moment *m = calloc(1, sizeof *m);

    if (!m)
        return err_of(ERR_NO_MEMORY, "preparing quiet times");
    m->policy = policy;
    *ret = m;
    return err_ok();
}

void moment_free(struct moment **moment)
{
    struct moment *m = *moment;

    if (!m)
        return;
    for (size_t w = 0; w < QUIET_WINDOWS_MAX; w++)
        zone_free(&m->windows[w].zone);
    free(m);
    *moment = NULL;
}

static void begin(struct moment *m, uint64_t steady_ms)
{
    double up_s;

    m->began = true;
    m->began_ms = steady_ms;
    m->up_ms = failed(plat_uptime_read(&up_s)) || up_s < 0 ? UINT64_MAX : (uint64_t)(up_s * 1000);
}

void moment_read(struct moment *m, uint64_t steady_ms, int64_t wall_ms, struct rules_moment *ret)
{
    int64_t at_s = wall_ms / 1000 - (wall_ms % 1000 < 0);
    bool    look = !m->began || steady_ms - m->looked_ms >= LOOK_AGAIN_MS;

    if (!m->began)
        begin(m, steady_ms);
    if (look)
        m->looked_ms = steady_ms;
    *ret = (struct rules_moment){ .up_ms = m->up_ms };
    if (m->up_ms != UINT64_MAX)
        ret->up_ms += steady_ms - m->began_ms;
    (void)plat_sleep_read(&ret->slept_ms); /* never known, it never grows */
    for (size_t w = 0; w < m->policy->window_count; w++) {
        if (look)
            look_at_zone(m, w);
        if (m->windows[w].zone)
            ret->window_left_s[w] = window_left_s(&m->policy->windows[w], m->windows[w].zone, at_s);
    }
}
