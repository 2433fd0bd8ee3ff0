/* tests/unit/outbox_rig.h - what the tests of the outbox share: folders, alerts, a picture of what it holds. */
#ifndef PICKET_TESTS_UNIT_OUTBOX_RIG_H
#define PICKET_TESTS_UNIT_OUTBOX_RIG_H

#include <math.h>
#include <unistd.h>

#include "agent/outbox/desk.h"
#include "check.h"
#include "tempdir.h"

static inline struct alert rig_alert(const char *rule, const char *instance)
{
    return (struct alert){
        .rule = rule,
        .instance = instance,
        .ref = "picket-0123456789abcdef",
        .open = true,
        .severity = SEVERITY_WARNING,
        .worst = SEVERITY_WARNING,
        .revision = 1,
        .raised_ms = 1700000000000,
        .changed_ms = 1700000000000,
        .value = 0.97,
        .level = NAN,
        .title = "web1: /srv is 97.0 % full",
        .facts = "Device: web1\nSeen: 97.0 %\n",
        .change = "raised",
    };
}

static inline void rig_ok(struct err e)
{
    char text[200];

    if (failed(e))
        fail_msg("%s", err_print(e, text, sizeof text));
}

static inline struct outbox *rig_open_with(const struct outbox_options *options)
{
    struct outbox *o = NULL;

    rig_ok(outbox_open(options, &o));
    return o;
}

static inline struct outbox *rig_open(const char *path)
{
    return rig_open_with(&(struct outbox_options){ .path = path, .max_bytes = 16 << 20 });
}

static inline struct outbox_health rig_health(const struct outbox *o)
{
    struct outbox_health h;

    outbox_health(o, &h);
    return h;
}

static inline void rig_durable(const struct outbox *o)
{
    struct outbox_health h = rig_health(o);
    char                 text[200];

    if (!h.durable)
        fail_msg("not durable: %s, %u unsaved", err_print(h.why, text, sizeof text), (unsigned)h.unsaved);
}

/* ---- a picture: alerts with deliveries, open tickets; equal pictures, equal contents ---- */

static inline bool rig_print_ticket(void *context, const struct desk_ticket *t)
{
    rig_ok(buf_printf(context, "ticket %lld %s open %d touched %d severity %d %lld %lld %lld %s|%s\n",
                      (long long)t->number, t->ref, t->open, t->touched, (int)t->severity, (long long)t->opened_ms,
                      (long long)t->changed_ms, (long long)t->closed_ms, t->title, t->text));
    return true;
}

struct rig_picture {
    const struct outbox *outbox;
    struct buf          *into;
};

static inline bool rig_print_alert(void *context, const struct alert *a)
{
    static const char *const  upstreams[] = { "desk", "psa" };
    const struct rig_picture *p = context;

    rig_ok(buf_printf(p->into, "alert %lld %s/%s %s open %d %d/%d r%u c%u %lld %lld %lld %g %g %s|%s|%s\n",
                      (long long)a->id, a->rule, a->instance, a->ref, a->open, (int)a->severity, (int)a->worst,
                      a->revision, a->changes, (long long)a->raised_ms, (long long)a->changed_ms,
                      (long long)a->cleared_ms, a->value, a->level, a->title, a->facts, a->change));
    for (size_t i = 0; i < ARRAY_LEN(upstreams); i++) {
        struct delivery d;

        outbox_delivery_get(p->outbox, a->id, upstreams[i], &d);
        rig_ok(buf_printf(p->into, "  %s %s %s r%u cleared %d maybe %d %s\n", d.upstream, d.ticket_id, d.ticket_url,
                          d.told_revision, d.told_cleared, d.maybe_created, d.note));
    }
    return true;
}

/* Of what is in memory alone: may be taken at any time. Free it. */
static inline char *rig_picture(struct outbox *o)
{
    struct buf         text;
    struct rig_picture p = { o, &text };

    buf_init(&text, 4 << 20);
    outbox_alert_each(o, rig_print_alert, &p);
    rig_ok(desk_ticket_each(o, false, rig_print_ticket, &text));
    rig_ok(buf_add_text(&text, "."));
    return text.data;
}

/* ---- a folder of the test's own ---- */

struct rig_folder {
    char path[TEMPDIR_BYTES], db[TEMPDIR_BYTES + 16];
};

static inline void rig_folder_make(struct rig_folder *f)
{
    /* in memory where there is such a disk: thousands of flushes */
    tempdir_make(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL, "picket-outbox", f->path);
    snprintf(f->db, sizeof f->db, "%s/outbox.db", f->path);
}

static inline void rig_folder_remove(const struct rig_folder *f)
{
    tempdir_remove(f->path);
}

static inline bool rig_exists(const char *folder, const char *name)
{
    uv_fs_t look;
    char    path[TEMPDIR_BYTES + 256];
    bool    found;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    found = uv_fs_lstat(NULL, &look, path, NULL) == 0;
    uv_fs_req_cleanup(&look);
    return found;
}

static inline uint64_t rig_seed(const char *name)
{
    const char *given = getenv("PICKET_SEED");
    uint64_t    seed = given ? strtoull(given, NULL, 0) : 0;

    if (!seed) {
        assert_int_equal(uv_random(NULL, NULL, &seed, sizeof seed, 0, NULL), 0);
    }
    seed &= 0xffffffff;
    printf("%s: PICKET_SEED=%llu\n", name, (unsigned long long)seed);
    return seed;
}

/* PICKET_ROUNDS in the environment makes it longer. */
static inline unsigned rig_rounds(unsigned usual)
{
    const char *given = getenv("PICKET_ROUNDS");

    return given ? (unsigned)strtoul(given, NULL, 10) : usual;
}

#endif
