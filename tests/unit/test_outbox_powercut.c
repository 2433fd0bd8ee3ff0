/* The power goes at every write and flush of a long script; what was promised is there, and nothing is half done. */
#include "agent/outbox/desk.h"
#include "outbox_rig.h"
#include "powercut_vfs.h"

enum { ALERTS_MAX = 400, STATES_MAX = 64, BLOCK_BYTES = 6000 };

struct script {
    struct powercut   *disk, *other; /* other: where each cut is looked at */
    struct outbox     *outbox;
    int64_t            open[ALERTS_MAX]; /* ids of open alerts */
    size_t             open_count;
    char              *allowed[STATES_MAX]; /* pictures since the last durable call; [0]: what that call promised */
    size_t             allowed_count;
    unsigned           alerts, blocks, cuts;
    enum powercut_mode mode;
};

/* ---- looking ---- */

struct notes {
    int64_t  alert_id;
    unsigned seen[64], wrong;
};

static bool count_note(void *context, const struct desk_note *note)
{
    struct notes *n = context;
    long long     id;
    unsigned      revision;

    if (strcmp(note->author, "picket") != 0 || strcmp(note->text, "raised") == 0)
        return true; /* raised: the ticket of an earlier alert was still open */
    if (sscanf(note->text, "a%lld r%u", &id, &revision) != 2 || revision >= ARRAY_LEN(n->seen))
        n->wrong++;
    else if (id == n->alert_id)
        n->seen[revision]++;
    return true;
}

/* A delivery that says "told" has its ticket and each note once. */
static bool check_alert(void *context, const struct alert *a)
{
    struct outbox     *o = context;
    struct desk_ticket ticket;
    struct delivery    d;
    struct notes       n = { .alert_id = a->id };

    outbox_delivery_get(o, a->id, "desk", &d);
    if (d.told_revision == 0)
        return true;
    rig_ok(desk_ticket_get(o, strtoll(d.ticket_id, NULL, 10), &ticket));
    assert_string_equal(ticket.ref, a->ref);
    rig_ok(desk_note_each(o, ticket.number, count_note, &n));
    assert_int_equal(n.wrong, 0);
    for (unsigned r = 2; r < ARRAY_LEN(n.seen); r++)
        if (n.seen[r] > 1 || (n.seen[r] && r > d.told_revision) || (r == d.told_revision && !n.seen[r]))
            fail_msg("alert %lld told r%u: note r%u is there %u times", (long long)a->id, d.told_revision, r,
                     n.seen[r]);
    return true;
}

struct blocks {
    int64_t  next; /* -1: the first may be any */
    unsigned count;
};

static void block_fill(int64_t number, char *bytes)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        bytes[i] = (char)(number * 31 + (int64_t)i * 7);
}

static bool check_block(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    struct blocks *b = context;
    char           want[BLOCK_BYTES];

    assert_true(b->next < 0 || first_ms == b->next);
    assert_int_equal(last_ms, first_ms);
    assert_int_equal(count, 5);
    assert_int_equal(len, BLOCK_BYTES);
    block_fill(first_ms, want);
    assert_memory_equal(bytes, want, len);
    b->next = first_ms + 1;
    b->count++;
    return true;
}

static void check_sound(const char *vfs)
{
    sqlite3      *db = NULL;
    sqlite3_stmt *s = NULL;

    assert_int_equal(sqlite3_open_v2("outbox.db", &db, SQLITE_OPEN_READWRITE, vfs), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static struct outbox_options options_of(const char *vfs)
{
    return (struct outbox_options){ .path = "outbox.db", .max_bytes = 1 << 20, .vfs = vfs };
}

static void check_picture(const struct script *s, const char *got)
{
    char *now = s->outbox ? rig_picture(s->outbox) : NULL; /* NULL while it is opened or closed */
    bool  found = s->allowed_count == 0 || (now && strcmp(got, now) == 0);

    for (size_t i = 0; i < s->allowed_count; i++)
        found |= strcmp(got, s->allowed[i]) == 0;
    if (!found)
        fail_msg("cut %u: after it\n%s\npromised\n%s\nunder way\n%s", s->cuts, got, s->allowed[0], now ? now : "");
    free(now);
}

static void cut_here(void *context)
{
    struct script              *s = context;
    const struct outbox_options options = options_of("cut");
    struct outbox              *after;
    struct blocks               b = { .next = -1 };
    char                       *got;

    s->cuts++;
    powercut_cut(s->disk, s->other, s->mode);
    after = rig_open_with(&options);
    rig_durable(after);
    assert_null(rig_health(after).set_aside);
    got = rig_picture(after);
    check_picture(s, got);
    outbox_alert_each(after, check_alert, after);
    rig_ok(outbox_samples_each(after, INT64_MIN, INT64_MAX, check_block, &b));
    outbox_close(&after);
    check_sound("cut");
    free(got);
}

/* ---- doing ---- */

static void done(struct script *s, bool durable)
{
    if (durable) {
        while (s->allowed_count)
            free(s->allowed[--s->allowed_count]);
        rig_durable(s->outbox);
    }
    assert_true(s->allowed_count < STATES_MAX);
    s->allowed[s->allowed_count++] = rig_picture(s->outbox);
}

static unsigned dice(struct script *s, unsigned sides)
{
    return (unsigned)(powercut_random(s->disk) % sides);
}

static void deliver(struct script *s, const struct alert *a)
{
    rig_ok(desk_deliver(s->outbox, a, "desk"));
    done(s, true);
}

static void do_raise(struct script *s)
{
    char         instance[32], ref[ALERT_REF_MAX];
    struct alert a = rig_alert("disk-full", instance);

    if (s->open_count == ALERTS_MAX)
        return;
    snprintf(instance, sizeof instance, "mountpoint=/%u", s->alerts++);
    snprintf(ref, sizeof ref, "picket-%016x", s->alerts % 50);
    a.ref = ref;
    rig_ok(outbox_alert_put(s->outbox, &a));
    done(s, true);
    s->open[s->open_count++] = a.id;
    deliver(s, outbox_alert_get(s->outbox, a.id));
}

static void do_change(struct script *s, bool clear)
{
    size_t       i = s->open_count ? dice(s, (unsigned)s->open_count) : 0;
    struct alert a;
    char         words[48];

    if (!s->open_count)
        return;
    a = *outbox_alert_get(s->outbox, s->open[i]);
    a.revision++;
    snprintf(words, sizeof words, "a%lld r%u", (long long)a.id, a.revision);
    a.change = words;
    a.changed_ms += 1000;
    if (clear) {
        a.open = false;
        a.cleared_ms = a.changed_ms;
        s->open[i] = s->open[--s->open_count];
    }
    if (a.revision > 60)
        return;
    rig_ok(outbox_alert_put(s->outbox, &a));
    done(s, true);
    deliver(s, outbox_alert_get(s->outbox, a.id));
}

static void do_worse(struct script *s)
{
    do_change(s, false);
}

static void do_clear(struct script *s)
{
    do_change(s, true);
}

static void do_psa(struct script *s)
{
    struct delivery d;

    if (!s->open_count)
        return;
    outbox_delivery_get(s->outbox, s->open[dice(s, (unsigned)s->open_count)], "psa", &d);
    d.maybe_created = !d.maybe_created;
    d.told_revision++;
    snprintf(d.ticket_id, sizeof d.ticket_id, "T-%u", d.told_revision);
    rig_ok(outbox_delivery_put(s->outbox, &d));
    done(s, true);
}

static void do_person(struct script *s)
{
    int64_t            number = 1 + (int64_t)dice(s, s->alerts + 1);
    unsigned           what = dice(s, 3);
    struct desk_ticket ticket;

    if (failed(desk_ticket_get(s->outbox, number, &ticket)))
        return;
    if (what == 0)
        rig_ok(desk_note_add(s->outbox, number, "anna", "I look at it"));
    else if (what == 1)
        rig_ok(desk_close(s->outbox, number, "anna"));
    else
        rig_ok(desk_reopen(s->outbox, number, "anna"));
    done(s, what == 0 || ticket.open == (what == 1)); /* to close a closed one is nothing */
}

static void do_samples(struct script *s)
{
    char bytes[BLOCK_BYTES];

    block_fill(s->blocks, bytes);
    rig_ok(outbox_samples_put(s->outbox, s->blocks, s->blocks, 5, bytes, sizeof bytes));
    s->blocks++;
    done(s, false);
}

static void do_retire(struct script *s)
{
    static const char *const upstreams[] = { "desk" };

    outbox_retire(s->outbox, upstreams, 1);
    done(s, false);
}

static void do_tick(struct script *s)
{
    outbox_tick(s->outbox);
    rig_durable(s->outbox);
}

static void do_restart(struct script *s)
{
    const struct outbox_options options = options_of("power");
    struct outbox              *closing = s->outbox;
    char                       *before = rig_picture(closing), *after;

    s->outbox = NULL;
    outbox_close(&closing);
    s->outbox = rig_open_with(&options);
    after = rig_picture(s->outbox);
    assert_string_equal(after, before);
    free(before);
    free(after);
    done(s, true);
}

static void play(unsigned steps, uint64_t seed, enum powercut_mode mode)
{
    static void (*const acts[])(struct script *) = { do_raise,   do_raise,   do_worse,  do_worse,  do_clear,
                                                     do_clear,   do_psa,     do_person, do_person, do_samples,
                                                     do_samples, do_samples, do_retire, do_tick,   do_restart };
    struct script               s = { .mode = mode };
    const struct outbox_options options = options_of("power");

    s.disk = powercut_open("power", seed);
    s.other = powercut_open("cut", seed + 1);
    powercut_on_step(s.disk, cut_here, &s);
    s.outbox = rig_open_with(&options);
    rig_durable(s.outbox);
    done(&s, true);
    for (unsigned i = 0; i < steps; i++)
        acts[dice(&s, ARRAY_LEN(acts))](&s);
    printf("  %u steps, %u alerts, %u blocks of samples, %u cuts\n", steps, s.alerts, s.blocks, s.cuts);
    while (s.allowed_count)
        free(s.allowed[--s.allowed_count]);
    powercut_on_step(s.disk, NULL, NULL);
    outbox_close(&s.outbox);
    powercut_close(s.disk);
    powercut_close(s.other);
}

static void a_power_cut_at_any_moment_loses_nothing_promised(void **state)
{
    (void)state;
    play(rig_rounds(120), rig_seed("power cut"), POWERCUT_RANDOM);
}

static void what_was_not_flushed_may_all_be_gone(void **state)
{
    (void)state;
    play(rig_rounds(120) / 2, rig_seed("all dropped"), POWERCUT_DROP_ALL);
}

static void a_kill_keeps_all_that_was_written(void **state)
{
    (void)state;
    play(rig_rounds(120) / 2, rig_seed("all kept"), POWERCUT_KEEP_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_at_any_moment_loses_nothing_promised),
        cmocka_unit_test(what_was_not_flushed_may_all_be_gone),
        cmocka_unit_test(a_kill_keeps_all_that_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
