#include "agent/outbox/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/outbox/parts.h"
#include "platform/clock.h"
#include "platform/lock.h"
#include "proto/digest.h"

enum { LEAST_BYTES = 1 << 20, OVER_MAX = 1000, OVER_MAX_IN_MEMORY = 100 };

/* ---- health ---- */

static void fell_ill(struct outbox *o, struct err why)
{
    if (!failed(o->why))
        o->since_ms = plat_clock_wall_ms();
    o->why = why;
}

void outbox_suspect(struct outbox *o, struct err e)
{
    if (!failed(o->why))
        fell_ill(o, e);
}

void outbox_health(const struct outbox *o, struct outbox_health *ret)
{
    *ret = (struct outbox_health){
        .why = o->why,
        .since_ms = o->since_ms,
        .set_aside = o->store.set_aside[0] ? o->store.set_aside : NULL,
        .set_aside_why = o->store.set_aside_why,
        .removed_aside = o->store.removed_aside,
        .bytes = store_bytes(&o->store),
        .unsaved = (uint32_t)model_unsaved(&o->model),
    };
    ret->durable = !failed(o->why) && ret->unsaved == 0;
    memcpy(ret->epoch, o->meta.epoch, sizeof ret->epoch);
}

/* ---- writing through ---- */

static void new_epoch(struct outbox *o)
{
    uint8_t bytes[16];

    if (uv_random(NULL, NULL, bytes, sizeof bytes, 0, NULL) != 0) {
        uint64_t now[2] = { (uint64_t)plat_clock_wall_ms(), uv_hrtime() };

        memcpy(bytes, now, sizeof bytes);
    }
    digest_hex(bytes, sizeof bytes, o->meta.epoch);
    o->meta_saved = false;
}

static struct err write_unsaved(struct outbox *o, bool durable)
{
    struct err e = store_begin(&o->store, durable);

    if (failed(e))
        return e;
    e = rows_save(&o->store, &o->model, o->meta_saved ? NULL : &o->meta);
    if (!failed(e))
        e = store_commit(&o->store);
    else
        store_rollback(&o->store);
    if (!failed(e)) {
        o->meta_saved = true;
        samples_stored(o);
    }
    model_settle(&o->model, !failed(e));
    return e;
}

/* Nothing of ours is in the file any more. */
static struct err begin(struct outbox *o)
{
    o->store.known = true;
    new_epoch(o);
    model_unsave(&o->model);
    samples_opened(o);
    return write_unsaved(o, true);
}

static struct err begin_aside(struct outbox *o, struct err damage)
{
    struct err e;

    store_close(&o->store);
    o->store.damage = damage;
    e = store_open(&o->store);
    return failed(e) ? e : begin(o);
}

static struct err save(struct outbox *o, bool durable)
{
    struct err e = write_unsaved(o, durable);

    while (e.code == ERR_NO_SPACE && samples_make_room(o))
        e = write_unsaved(o, durable);
    if (e.code == ERR_CORRUPT)
        e = begin_aside(o, e);
    store_idle(&o->store);
    return e;
}

void outbox_save(struct outbox *o, bool durable)
{
    struct err e = o->why; /* trying again is outbox_tick's */

    if (!failed(e))
        e = save(o, durable);
    if (!failed(e))
        return;
    fell_ill(o, e);
    model_trim(&o->model, o->store.state == STORE_NONE || o->store.state == STORE_LEFT ? OVER_MAX_IN_MEMORY : OVER_MAX);
}

/* ---- opening ---- */

static struct err check_device(const struct outbox *o, const struct meta *meta)
{
    if (o->meta.device[0] && meta->device[0] && strcmp(o->meta.device, meta->device) != 0)
        return err_of(ERR_DENIED, "the outbox is another device's");
    return err_ok();
}

static struct err load(struct outbox *o)
{
    struct meta meta;
    struct err  e = rows_meta(&o->store, &meta);

    if (!failed(e))
        e = check_device(o, &meta);
    if (!failed(e))
        e = rows_load(&o->store, &o->model);
    if (!failed(e)) {
        o->meta = meta;
        o->store.known = o->meta_saved = true;
        samples_opened(o);
    } else {
        model_done(&o->model);
    }
    store_idle(&o->store);
    return e;
}

static struct err after_open(const struct outbox *o, struct err e)
{
    return !failed(e) && o->store.read_only ? err_of(ERR_READ_ONLY, "writing the outbox") : e;
}

static struct err open_or_begin(struct outbox *o)
{
    struct err e = store_open(&o->store);

    if (!failed(e) && !o->store.begun)
        e = load(o);
    else if (!failed(e))
        e = begin(o);
    if (e.code == ERR_CORRUPT || (failed(e) && o->store.state == STORE_OPEN && e.code == ERR_DENIED))
        e = begin_aside(o, e);
    else if (failed(e) && o->store.state == STORE_OPEN && !o->store.known)
        store_leave(&o->store); /* it opened, but could not be read */
    return after_open(o, e);
}

static struct err take_lock(struct outbox *o)
{
    char       path[STORE_PATH_MAX];
    struct err e;
    int        n = snprintf(path, sizeof path, "%s.lock", o->path);

    if (n < 0 || (size_t)n >= sizeof path)
        return err_of(ERR_TOO_BIG, "the outbox's path");
    e = store_folder(&o->store);
    return failed(e) ? e : plat_lock_take(path, &o->lock);
}

static struct err start(struct outbox *o)
{
    struct err e;

    if (!o->path) {
        o->store.state = STORE_NONE;
        return err_of(ERR_UNSUPPORTED, "there is no outbox file");
    }
    o->store.state = STORE_CLOSED;
    if (!o->vfs) {
        e = take_lock(o);
        if (e.code == ERR_BUSY)
            return e; /* any other failure is the disk's; SQLite's own lock is left */
    }
    return open_or_begin(o);
}

void outbox_limit(struct outbox *o, uint64_t max_bytes, uint32_t history_hours)
{
    o->history_ms = (int64_t)history_hours * 3600 * 1000;
    o->looked_at = UINT64_MAX;
    store_limit(&o->store, max_bytes < LEAST_BYTES ? LEAST_BYTES : max_bytes);
}

struct err outbox_open(const struct outbox_options *options, struct outbox **ret)
{
    struct outbox *o = calloc(1, sizeof *o);
    struct err     e = err_ok();

    if (!o)
        return err_of(ERR_NO_MEMORY, "opening the outbox");
    o->lock = -1;
    o->path = options->path ? strdup(options->path) : NULL;
    o->vfs = options->vfs ? strdup(options->vfs) : NULL;
    snprintf(o->meta.device, sizeof o->meta.device, "%s", options->device_id ? options->device_id : "");
    o->store.path = o->path;
    o->store.vfs = o->vfs;
    outbox_limit(o, options->max_bytes, options->history_hours);
    if ((options->path && !o->path) || (options->vfs && !o->vfs))
        e = err_of(ERR_NO_MEMORY, "opening the outbox");
    else
        new_epoch(o);
    if (!failed(e))
        e = start(o);
    if (e.code == ERR_NO_MEMORY || e.code == ERR_BUSY) {
        outbox_close(&o);
        return e;
    }
    if (failed(e))
        fell_ill(o, e);
    *ret = o;
    return err_ok();
}

void outbox_close(struct outbox **outbox)
{
    struct outbox *o = *outbox;

    if (!o)
        return;
    if (model_unsaved(&o->model))
        outbox_tick(o);
    store_close(&o->store);
    model_done(&o->model);
    plat_lock_release(&o->lock);
    free(o->path);
    free(o->vfs);
    free(o);
    *outbox = NULL;
}

/* ---- trying again ---- */

/* Is it still the file we know? Another one in its place holds nothing of ours. */
static struct err check_known(struct outbox *o)
{
    struct meta meta = { .epoch = "" };
    struct err  e = rows_meta(&o->store, &meta);

    if (!failed(e) && (!o->store.known || strcmp(meta.epoch, o->meta.epoch) != 0))
        e = err_of(ERR_CORRUPT, "another file is in the outbox's place");
    return e;
}

/* Closed first: SQLite then brings what its journal holds into the database, whatever became of the journal's pages
 * after a failed flush. */
static struct err reopen(struct outbox *o)
{
    struct err e;

    store_close(&o->store);
    e = store_open(&o->store);
    if (!failed(e) && o->store.begun)
        return begin(o);
    if (!failed(e))
        e = check_known(o);
    if (e.code == ERR_CORRUPT)
        return begin_aside(o, e);
    e = after_open(o, e);
    return failed(e) ? e : save(o, true);
}

void outbox_tick(struct outbox *o)
{
    struct err e;

    if (o->store.state == STORE_NONE || o->store.state == STORE_LEFT)
        return;
    e = store_moved(&o->store) ? err_of(ERR_NOT_FOUND, "the outbox's file was taken away") : store_check(&o->store);
    if (failed(e))
        fell_ill(o, e);
    if (failed(o->why)) {
        e = o->why.code == ERR_CORRUPT ? begin_aside(o, o->why) : reopen(o);
        if (failed(e))
            fell_ill(o, e);
        else
            o->why = err_ok();
    }
    if (!failed(o->why) && o->looked_at != o->store.commits) {
        o->looked_at = o->store.commits;
        samples_evict(o, 0);
    }
    store_idle(&o->store);
}

/* ---- alerts ---- */

struct err outbox_alert_put(struct outbox *o, struct alert *alert)
{
    struct alert copy = *alert;

    if (copy.id == 0)
        copy.id = o->model.last_alert + 1;
    else if (!model_alert(&o->model, copy.id))
        return err_of(ERR_NOT_FOUND, "changing an alert");
    if (!model_alert_put(&o->model, &copy))
        return err_of(ERR_NO_MEMORY, "keeping an alert");
    alert->id = copy.id;
    outbox_save(o, true);
    return err_ok();
}

const struct alert *outbox_alert_find_open(const struct outbox *o, const char *rule, const char *instance)
{
    for (size_t i = 0; i < o->model.alert_count; i++) {
        const struct alert *a = &o->model.alerts[i]->alert;

        if (a->open && strcmp(a->rule, rule) == 0 && strcmp(a->instance, instance) == 0)
            return a;
    }
    return NULL;
}

const struct alert *outbox_alert_get(const struct outbox *o, int64_t id)
{
    const struct kept_alert *a = model_alert(&o->model, id);

    return a ? &a->alert : NULL;
}

void outbox_alert_each(const struct outbox *o, alert_fn *each, void *context)
{
    for (size_t i = 0; i < o->model.alert_count; i++)
        if (!o->model.alerts[i]->retired && !each(context, &o->model.alerts[i]->alert))
            return;
}

void outbox_cleared_each(struct outbox *o, cleared_fn *each, void *context)
{
    struct err e = o->store.state == STORE_OPEN ? rows_cleared(&o->store, each, context) : err_ok();

    for (size_t i = o->model.alert_count; o->store.state != STORE_OPEN && i-- > 0;) {
        const struct alert *a = &o->model.alerts[i]->alert;

        if (!a->open)
            each(context, a->rule, a->instance, a->cleared_ms);
    }
    if (failed(e))
        outbox_suspect(o, e);
    store_idle(&o->store);
}

void outbox_told_each(struct outbox *o, told_fn *each, void *context)
{
    struct err e = o->store.state == STORE_OPEN ? rows_told(&o->store, each, context) : err_ok();

    if (failed(e))
        outbox_suspect(o, e);
    store_idle(&o->store);
}

/* ---- deliveries ---- */

void outbox_delivery_get(const struct outbox *o, int64_t alert_id, const char *upstream, struct delivery *ret)
{
    const struct kept_alert    *a = model_alert(&o->model, alert_id);
    const struct kept_delivery *d = a ? model_delivery(a, upstream) : NULL;

    *ret = (struct delivery){ .alert_id = alert_id };
    snprintf(ret->upstream, sizeof ret->upstream, "%s", upstream);
    if (!d)
        return;
    ret->told_revision = d->told_revision;
    ret->told_cleared = d->told_cleared;
    ret->maybe_created = d->maybe_created;
    snprintf(ret->ticket_id, sizeof ret->ticket_id, "%s", d->ticket_id);
    snprintf(ret->ticket_url, sizeof ret->ticket_url, "%s", d->ticket_url);
    snprintf(ret->note, sizeof ret->note, "%s", d->note);
}

struct err outbox_delivery_put(struct outbox *o, const struct delivery *delivery)
{
    struct kept_alert *a = model_alert(&o->model, delivery->alert_id);

    if (!a)
        return err_of(ERR_NOT_FOUND, "keeping a delivery");
    if (!model_delivery_put(a, delivery))
        return err_of(ERR_NO_MEMORY, "keeping a delivery");
    outbox_save(o, true);
    return err_ok();
}

static bool told_to_all(const struct kept_alert *a, const char *const *upstreams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct kept_delivery *d = model_delivery(a, upstreams[i]);

        if (!d || !d->told_cleared)
            return false;
    }
    return true;
}

void outbox_retire(struct outbox *o, const char *const *upstreams, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < o->model.alert_count; i++) {
        struct kept_alert *a = o->model.alerts[i];

        if (a->alert.open || a->retired || !told_to_all(a, upstreams, count))
            continue;
        a->retired = any = true;
        a->saved = UNSAVED;
    }
    if (any)
        outbox_save(o, false); /* lost in a power cut, it is found to be told again */
}

void outbox_counts(struct outbox *o, struct outbox_counts *ret)
{
    samples_count(o);
    *ret = (struct outbox_counts){ .sample_blocks = o->block_count };
    for (size_t i = 0; i < o->model.alert_count; i++)
        ret->open_alerts += o->model.alerts[i]->alert.open;
    for (const struct kept_ticket *t = o->model.tickets; t; t = t->next)
        ret->tickets_open += t->open;
    for (const struct kept_block *b = o->model.blocks; b; b = b->next)
        ret->sample_blocks++;
    if (o->store.state == STORE_OPEN) {
        rows_count(&o->store, SQL_ALERT_COUNT, &ret->history);
        rows_count(&o->store, SQL_GAP_TOTALS, &ret->gaps);
        store_idle(&o->store);
    }
}
