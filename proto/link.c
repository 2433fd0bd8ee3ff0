#include "proto/link.h"

#include <stdlib.h>
#include <string.h>

enum { WORK_TEXT_MAX = 4096 };

/* The texts of a work, in the order in which they travel. */
static const size_t work_texts[] = {
    offsetof(struct ticket_work, ticket_id),
    offsetof(struct ticket_work, facts.ref),
    offsetof(struct ticket_work, facts.event_id),
    offsetof(struct ticket_work, facts.title),
    offsetof(struct ticket_work, facts.text),
    offsetof(struct ticket_work, facts.note),
    offsetof(struct ticket_work, facts.device_id),
    offsetof(struct ticket_work, facts.device_name),
    offsetof(struct ticket_work, facts.device_url),
    offsetof(struct ticket_work, facts.client),
    offsetof(struct ticket_work, facts.site),
    offsetof(struct ticket_work, facts.rule),
    offsetof(struct ticket_work, facts.instance),
    offsetof(struct ticket_work, facts.metric),
    offsetof(struct ticket_work, facts.value),
    offsetof(struct ticket_work, facts.level),
    offsetof(struct ticket_work, facts.raised_at),
    offsetof(struct ticket_work, facts.changed_at),
    offsetof(struct ticket_work, facts.cleared_at),
};

static const char **text_at(const struct ticket_work *work, size_t i)
{
    return (const char **)(void *)((char *)(uintptr_t)work + work_texts[i]);
}

struct err link_work_put(struct buf *into, const struct link_work *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_WORK);
    frame_put_u64(&w, m->upstream);
    frame_put_i64(&w, m->alert_id);
    frame_put_u64(&w, m->work.facts.severity);
    frame_put_u64(&w, m->work.facts.cleared);
    frame_put_u64(&w, m->work.facts.revision);
    frame_put_u64(&w, m->work.facts.changes);
    frame_put_u64(&w, m->work.maybe_created);
    for (size_t i = 0; i < ARRAY_LEN(work_texts); i++) {
        const char *text = *text_at(&m->work, i);
        frame_put_text(&w, text ? text : "");
    }
    return frame_end(&w);
}

static void get_work_texts(struct frame_reader *r, struct link_work *m)
{
    char *at = m->owned;

    for (size_t i = 0; i < ARRAY_LEN(work_texts); i++) {
        frame_get_text(r, at, WORK_TEXT_MAX);
        *text_at(&m->work, i) = at;
        at += strlen(at) + 1;
    }
}

struct err link_work_get(struct frame_reader *r, struct link_work *ret)
{
    struct link_work m = { 0 };
    struct err       e;

    m.upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    m.alert_id = frame_get_i64(r);
    m.work.facts.severity = (enum severity)frame_get_u64(r, SEVERITY_CRITICAL);
    m.work.facts.cleared = frame_get_u64(r, 1);
    m.work.facts.revision = (uint32_t)frame_get_u64(r, UINT32_MAX);
    m.work.facts.changes = (uint32_t)frame_get_u64(r, UINT32_MAX);
    m.work.maybe_created = frame_get_u64(r, 1);
    if (failed(r->err))
        return r->err;
    /* Each text is in the frame with more bytes around it than its NUL; the last one may need room to be refused in. */
    m.owned = malloc((size_t)(r->end - r->at) + WORK_TEXT_MAX);
    if (!m.owned)
        return err_of(ERR_NO_MEMORY, "reading work");
    get_work_texts(r, &m);
    e = frame_done(r);
    if (failed(e))
        free(m.owned);
    else
        *ret = m;
    return e;
}

struct err link_setup_put(struct buf *into, const struct link_setup *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_SETUP);
    frame_put_u64(&w, m->upstream);
    frame_put_text(&w, m->name);
    frame_put_text(&w, m->connector);
    frame_put_text(&w, m->connector_file);
    frame_put_text(&w, m->ca_file);
    frame_put_text(&w, m->proxy);
    frame_put_u64(&w, m->setting_count);
    for (size_t i = 0; i < m->setting_count; i++) {
        frame_put_text(&w, m->settings[i].name);
        frame_put_text(&w, m->settings[i].value);
        frame_put_u64(&w, m->settings[i].is_file);
    }
    return frame_end(&w);
}

struct err link_setup_get(struct frame_reader *r, struct link_setup *ret)
{
    ret->upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    frame_get_text(r, ret->name, sizeof ret->name);
    frame_get_text(r, ret->connector, sizeof ret->connector);
    frame_get_text(r, ret->connector_file, sizeof ret->connector_file);
    frame_get_text(r, ret->ca_file, sizeof ret->ca_file);
    frame_get_text(r, ret->proxy, sizeof ret->proxy);
    ret->setting_count = frame_get_u64(r, LINK_SETTINGS_MAX);
    for (size_t i = 0; i < ret->setting_count; i++) {
        struct link_setting *s = &ret->settings[i];
        frame_get_text(r, s->name, sizeof s->name);
        frame_get_text(r, s->value, sizeof s->value);
        s->is_file = frame_get_u64(r, 1);
    }
    return frame_done(r);
}

struct err link_done_put(struct buf *into, const struct link_done *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_DONE);
    frame_put_u64(&w, m->upstream);
    frame_put_i64(&w, m->alert_id);
    frame_put_u64(&w, m->revision);
    frame_put_u64(&w, m->outcome);
    frame_put_u64(&w, m->maybe_created);
    frame_put_u64(&w, m->cleared_told);
    frame_put_text(&w, m->ticket_id);
    frame_put_text(&w, m->ticket_url);
    frame_put_text(&w, m->note);
    return frame_end(&w);
}

struct err link_done_get(struct frame_reader *r, struct link_done *ret)
{
    ret->upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    ret->alert_id = frame_get_i64(r);
    ret->revision = (uint32_t)frame_get_u64(r, UINT32_MAX);
    ret->outcome = (enum task_outcome)frame_get_u64(r, TASK_GONE);
    ret->maybe_created = frame_get_u64(r, 1);
    ret->cleared_told = frame_get_u64(r, 1);
    frame_get_text(r, ret->ticket_id, sizeof ret->ticket_id);
    frame_get_text(r, ret->ticket_url, sizeof ret->ticket_url);
    frame_get_text(r, ret->note, sizeof ret->note);
    return frame_done(r);
}

struct err link_news_put(struct buf *into, const struct link_news *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_NEWS);
    frame_put_u64(&w, m->upstream);
    frame_put_u64(&w, m->mood);
    frame_put_u64(&w, m->retry_s);
    frame_put_u64(&w, m->status);
    frame_put_text(&w, m->why);
    return frame_end(&w);
}

struct err link_news_get(struct frame_reader *r, struct link_news *ret)
{
    ret->upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    ret->mood = (enum link_mood)frame_get_u64(r, LINK_UNUSABLE);
    ret->retry_s = (uint32_t)frame_get_u64(r, UINT32_MAX);
    ret->status = (uint32_t)frame_get_u64(r, 999);
    frame_get_text(r, ret->why, sizeof ret->why);
    return frame_done(r);
}

struct err link_ready_put(struct buf *into, const struct link_ready *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_READY);
    frame_put_text(&w, m->user);
    frame_put_text(&w, m->confinement);
    return frame_end(&w);
}

struct err link_ready_get(struct frame_reader *r, struct link_ready *ret)
{
    frame_get_text(r, ret->user, sizeof ret->user);
    frame_get_text(r, ret->confinement, sizeof ret->confinement);
    return frame_done(r);
}

struct err link_bare_put(struct buf *into, enum link_message type)
{
    struct frame_writer w;

    frame_begin(&w, into, (uint8_t)type);
    return frame_end(&w);
}
