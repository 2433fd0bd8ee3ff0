#include "agent/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/export_batch.h"
#include "agent/export_resource.h"
#include "agent/upstream/feed_settings.h"
#include "agent/upstream/setup.h"
#include "platform/clock.h"
#include "platform/log.h"
#include "platform/uptime.h"

/* A clock that was set by less is the same boot. */
enum { SAME_BOOT_MS = 2 * 60 * 1000 };

struct lane {
    bool                 on;
    struct outbox_cursor cursor;
    struct outbox_cursor next;  /* once what is with the courier is taken */
    uint64_t             batch; /* with the courier; 0: none */
    int64_t              last_ok_ms;
    char                 why[OTLP_MESSAGE_MAX]; /* of the last points that were not taken */
};

struct export {
    const struct config   *config;
    struct outbox         *outbox;
    struct courier_link   *link;
    struct lane            lanes[CONFIG_UPSTREAMS_MAX];
    struct export_resource resource;
    uint64_t               batches;
    uint32_t               block_s;
};

/* Since when counters count: the same for all of one boot, though the clock moves a little. */
static int64_t boot_of(int64_t before_ms)
{
    double  uptime_s;
    int64_t boot_ms;

    if (failed(plat_uptime_read(&uptime_s)))
        return 0;
    boot_ms = plat_clock_wall_ms() - (int64_t)(uptime_s * 1000);
    return llabs(boot_ms - before_ms) < SAME_BOOT_MS ? before_ms : boot_ms;
}

static void begin_lane(struct export *x, struct lane *lane, const struct config_upstream *u)
{
    uint32_t period_s = feed_period_s(u);

    lane->on = true;
    outbox_cursor_get(x->outbox, u->name, &lane->cursor);
    lane->cursor.boot_ms = boot_of(lane->cursor.boot_ms);
    (void)outbox_cursor_put(x->outbox, &lane->cursor); /* there is room for as many as there can be upstreams */
    if (period_s < x->block_s)
        x->block_s = period_s;
}

struct err export_new(const struct config *config, struct outbox *outbox, const char *device_id, const char *device_name,
                      struct export **ret)
{
    struct export *x = calloc(1, sizeof *x);
    const char    *names[CONFIG_UPSTREAMS_MAX] = { NULL };
    size_t         count = 0;

    if (!x)
        return err_of(ERR_NO_MEMORY, "preparing exports");
    x->config = config;
    x->outbox = outbox;
    x->block_s = FEED_PERIOD_S;
    for (size_t i = 0; i < config->upstream_count; i++)
        if (upstream_takes_samples(&config->upstreams[i]))
            names[count++] = config->upstreams[i].name;
    outbox_cursors_keep(outbox, names, count);
    for (size_t i = 0; i < config->upstream_count; i++)
        if (upstream_takes_samples(&config->upstreams[i]))
            begin_lane(x, &x->lanes[i], &config->upstreams[i]);
    if (count)
        export_resource_fill(config, device_id, device_name, &x->resource);
    *ret = x;
    return err_ok();
}

void export_free(struct export **x)
{
    free(*x);
    *x = NULL;
}

void export_set_link(struct export *x, struct courier_link *link)
{
    x->link = link;
}

uint32_t export_block_s(const struct export *x)
{
    return x->block_s;
}

/* ---- one batch ---- */

struct making {
    struct export      *x;
    size_t              upstream;
    struct export_batch batch;
    struct err          err;
};

static const char *name_of(const struct making *m)
{
    return m->x->config->upstreams[m->upstream].name;
}

static void say_missed(const struct making *m, uint64_t blocks, int64_t first_ms)
{
    char    from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    int64_t until_ms = m->x->lanes[m->upstream].cursor.until_ms;

    log_warn(name_of(m), "%" PRIu64 " blocks of samples between %s and %s are gone: removed before they could be sent", blocks,
             until_ms ? plat_clock_print(until_ms, from) : "the beginning", plat_clock_print(first_ms, to));
}

static void make_batch(void *context, int64_t number, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes,
                       size_t len)
{
    struct making             *m = context;
    struct lane               *lane = &m->x->lanes[m->upstream];
    const struct outbox_cursor c = lane->cursor;
    int64_t                    wanted = c.done == CURSOR_WHOLE ? c.block + 1 : c.block;
    struct export_block        block = { bytes, len, number == c.block ? c.done : 0, c.boot_ms };
    const struct link_samples  head = { .upstream = m->upstream,
                                        .batch = ++m->x->batches,
                                        .request = { .resource = m->x->resource.attrs,
                                                     .resource_count = m->x->resource.count } };
    char                       text[160];

    (void)count;
    if (number > wanted) {
        lane->cursor.missed += (uint64_t)(number - wanted);
        lane->cursor.block = number - 1;
        lane->cursor.done = CURSOR_WHOLE;
        say_missed(m, (uint64_t)(number - wanted), first_ms);
    }
    m->err = export_batch_print(&block, &head, &m->batch);
    if (m->err.code == ERR_MALFORMED) {
        log_error(name_of(m), "block %" PRId64 " of the outbox: %s; the rest of it is not sent", number,
                  err_print(m->err, text, sizeof text));
        m->err = err_ok();
    }
    lane->next = lane->cursor;
    lane->next.block = number;
    lane->next.done = m->batch.whole ? CURSOR_WHOLE : m->batch.done;
    lane->next.until_ms = last_ms;
}

static void advance(struct export *x, struct lane *lane)
{
    lane->cursor = lane->next;
    (void)outbox_cursor_put(x->outbox, &lane->cursor); /* health says it where the disk refuses */
}

/* Whether there is more to look at at once. */
static bool send_next(struct export *x, size_t upstream)
{
    struct lane  *lane = &x->lanes[upstream];
    struct making m = { .x = x, .upstream = upstream };
    bool          whole = lane->cursor.done == CURSOR_WHOLE;
    char          text[160];
    struct err    e;

    if (lane->batch || (whole && lane->cursor.block >= outbox_samples_newest(x->outbox)))
        return false;
    e = outbox_samples_next(x->outbox, whole ? lane->cursor.block + 1 : lane->cursor.block, make_batch, &m);
    if (e.code == ERR_NOT_FOUND)
        return false;
    if (!failed(e))
        e = m.err;
    if (!failed(e) && m.batch.points == 0) { /* nothing in it that could be sent */
        buf_done(&m.batch.frame);
        advance(x, lane);
        return true;
    }
    if (!failed(e))
        e = courier_link_send_samples(x->link, &m.batch.frame);
    if (failed(e))
        log_error(name_of(&m), "%s; trying again", err_print(e, text, sizeof text));
    else
        lane->batch = x->batches;
    return false;
}

static bool link_is_up(const struct export *x)
{
    return x->link && courier_link_is_up(x->link);
}

void export_run(struct export *x)
{
    for (size_t i = 0; i < x->config->upstream_count; i++)
        while (x->lanes[i].on && link_is_up(x) && send_next(x, i))
            continue;
}

/* ---- from the link ---- */

void export_on_down(struct export *x)
{
    for (size_t i = 0; i < ARRAY_LEN(x->lanes); i++)
        x->lanes[i].batch = 0;
}

/* Said when it begins, and when it is for another reason. */
static void say_rejected(const struct export *x, struct lane *lane, const struct link_taken *taken)
{
    const char *name = x->config->upstreams[taken->upstream].name;

    if (taken->rejected && strcmp(lane->why, taken->why) != 0)
        log_warn(name, "%" PRIu64 " samples were not taken, and are not sent again: %s", taken->rejected, taken->why);
    else if (!taken->rejected && taken->why[0] && strcmp(lane->why, taken->why) != 0)
        log_warn(name, "all samples were taken, with a warning: %s", taken->why);
    memcpy(lane->why, taken->why, sizeof lane->why);
}

void export_on_taken(struct export *x, const struct link_taken *taken)
{
    struct lane *lane = &x->lanes[taken->upstream];

    /* A courier can answer only what it was asked. */
    if (!lane->on || !lane->batch || lane->batch != taken->batch)
        return;
    lane->batch = 0;
    lane->last_ok_ms = plat_clock_wall_ms();
    lane->next.rejected += taken->rejected;
    say_rejected(x, lane, taken);
    advance(x, lane);
    export_run(x);
}

/* ---- for status ---- */

bool export_get(const struct export *x, size_t upstream, struct export_view *ret)
{
    const struct lane *lane = &x->lanes[upstream];
    int64_t            behind = outbox_samples_newest(x->outbox) - lane->cursor.block + (lane->cursor.done != CURSOR_WHOLE);
    int                n = 0;

    if (!lane->on)
        return false;
    *ret = (struct export_view){ .waiting = behind > 0 ? (uint32_t)behind : 0, .last_ok_ms = lane->last_ok_ms };
    if (lane->cursor.missed)
        n = snprintf(ret->note, sizeof ret->note, "%" PRIu64 " blocks were removed before they could be sent",
                     lane->cursor.missed);
    if (lane->cursor.rejected && n >= 0)
        snprintf(ret->note + n, sizeof ret->note - (size_t)n, "%s%" PRIu64 " samples were not taken%s%.160s", n ? "; " : "",
                 lane->cursor.rejected, lane->why[0] ? ", the last ones: " : "", lane->why);
    return true;
}
