#include "agent/replay/quiet.h"

#include <stdlib.h>

#include "agent/rule/window.h"
#include "platform/zonefile.h"

struct quiet {
    const struct policy *policy;
    struct zone         *zones[QUIET_WINDOWS_MAX];
};

struct err quiet_new(const struct policy *policy, struct quiet **ret)
{
    struct quiet *q = calloc(1, sizeof *q);

    if (!q)
        return err_of(ERR_NO_MEMORY, "preparing quiet times");
    q->policy = policy;
    *ret = q;
    return err_ok();
}

void quiet_free(struct quiet **at)
{
    struct quiet *q = *at;

    if (!q)
        return;
    *at = NULL;
    for (size_t w = 0; w < QUIET_WINDOWS_MAX; w++)
        zone_free(&q->zones[w]);
    free(q);
}

static struct err zone_load(const char *name, struct zone **ret)
{
    struct plat_zone_mark mark;
    struct buf            text;
    struct err            e;

    if (!name[0])
        return zone_new_utc(ret);
    if (!zone_name_fits(name))
        return err_of(ERR_MALFORMED, "a time zone is called like Europe/Berlin");
    buf_init(&text, ZONE_FILE_MAX);
    e = plat_zone_read(name, &text, &mark);
    if (!failed(e))
        e = zone_parse(text.data, text.len, ret);
    buf_done(&text);
    return e;
}

struct err quiet_set_zone(struct quiet *q, const char *machine)
{
    for (size_t w = 0; w < q->policy->window_count; w++) {
        const char  *own = q->policy->windows[w].zone;
        struct zone *zone = NULL;
        struct err   e = zone_load(own ? own : machine, &zone);

        if (failed(e))
            return e;
        zone_free(&q->zones[w]);
        q->zones[w] = zone;
    }
    return err_ok();
}

void quiet_read(const struct quiet *q, const struct trace_now *now, struct rules_moment *ret)
{
    int64_t at_s = now->wall_ms / 1000 - (now->wall_ms % 1000 < 0);

    *ret = (struct rules_moment){ .up_ms = now->up_ms, .slept_ms = now->up_ms - now->steady_ms };
    for (size_t w = 0; w < q->policy->window_count; w++)
        if (q->zones[w])
            ret->window_left_s[w] = window_left_s(&q->policy->windows[w], q->zones[w], at_s);
}
