/* What the outbox takes, what goes first when it is full, and that years of work do not make it grow. */
#include "agent/outbox/block.h"
#include "agent/outbox/desk.h"
#include "outbox_rig.h"

enum { MINUTE_MS = 60 * 1000 };

static uint64_t disk_bytes(const struct rig_folder *f)
{
    static const char *const names[] = { "", "-wal", "-journal", "-shm" };
    uint64_t                 sum = 0;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char        path[100];
        struct stat st;

        snprintf(path, sizeof path, "%s%s", f->db, names[i]);
        if (stat(path, &st) == 0)
            sum += (uint64_t)st.st_size;
    }
    return sum;
}

static struct outbox_counts counts_of(struct outbox *o)
{
    struct outbox_counts c;

    outbox_counts(o, &c);
    return c;
}

static void raise_numbered(struct outbox *o, unsigned number, bool and_clear)
{
    static const char *const upstreams[] = { "desk" };
    char                     instance[32], ref[ALERT_REF_MAX], facts[600];
    struct alert             a = rig_alert("disk-full", instance);

    snprintf(instance, sizeof instance, "mountpoint=/%u", number);
    snprintf(ref, sizeof ref, "picket-%016x", number);
    memset(facts, 'f', sizeof facts - 1);
    facts[sizeof facts - 1] = '\0';
    a.ref = ref;
    a.facts = facts;
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    if (!and_clear)
        return;
    a.revision++;
    a.open = false;
    a.change = "over";
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    outbox_retire(o, upstreams, 1);
}

/* Over before it was told: as few commits as an incident can have. */
static void pass_by(struct outbox *o, unsigned number)
{
    static const char *const upstreams[] = { "desk" };
    char                     instance[32];
    struct alert             a = rig_alert("disk-full", instance);

    snprintf(instance, sizeof instance, "mountpoint=/%u", number);
    a.open = false;
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    outbox_retire(o, upstreams, 1);
}

struct samples {
    int64_t  first, last;
    unsigned count;
};

static bool see(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    struct samples *s = context;

    (void)last_ms;
    (void)count;
    (void)bytes;
    (void)len;
    if (s->count++ == 0)
        s->first = first_ms;
    s->last = first_ms;
    return true;
}

static struct samples samples_of(struct outbox *o)
{
    struct samples s = { 0 };

    rig_ok(outbox_samples_each(o, INT64_MIN, INT64_MAX, see, &s));
    return s;
}

struct gaps {
    unsigned count;
    uint64_t samples;
    int64_t  from, to;
    char     reason[64];
};

static bool see_gap(void *context, int64_t from_ms, int64_t to_ms, uint64_t count, const char *reason)
{
    struct gaps *g = context;

    g->count++;
    g->samples += count;
    g->from = from_ms;
    g->to = to_ms;
    snprintf(g->reason, sizeof g->reason, "%s", reason);
    return true;
}

static struct gaps gaps_of(struct outbox *o)
{
    struct gaps g = { 0 };

    rig_ok(outbox_gap_each(o, see_gap, &g));
    return g;
}

static void put_block(struct outbox *o, unsigned number, size_t len)
{
    static char bytes[64 * 1024];

    rig_ok(outbox_samples_put(o, number * INT64_C(300000), number * INT64_C(300000) + 240000, 300, bytes, len));
}

static void the_oldest_samples_go_first_and_a_gap_says_which(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 2 << 20 };
    struct outbox        *o;
    struct samples        s;
    struct gaps           g;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    for (unsigned i = 0; i < 20; i++)
        raise_numbered(o, i, i % 2);
    for (unsigned i = 0; i < 1000; i++)
        put_block(o, i, 3000);
    rig_durable(o);
    assert_true(disk_bytes(&f) <= options.max_bytes);
    s = samples_of(o);
    g = gaps_of(o);
    printf("  2 MiB hold %u blocks of 3,000 bytes and %u bytes are on disk\n", s.count, (unsigned)disk_bytes(&f));
    assert_true(s.count > 300 && s.count < 700);
    assert_int_equal(s.last, 999 * INT64_C(300000));
    assert_int_equal(g.count, 1);
    assert_int_equal(g.samples, (1000 - s.count) * 300);
    assert_int_equal(g.from, 0);
    assert_int_equal(g.to, s.first - 60000);
    assert_int_equal(counts_of(o).open_alerts, 10);
    assert_int_equal(counts_of(o).history, 10);
    assert_int_equal(counts_of(o).tickets_open, 10);
    outbox_close(&o);

    o = rig_open_with(&options); /* the gap goes on as one row */
    for (unsigned i = 1000; i < 1500; i++)
        put_block(o, i, 3000);
    assert_int_equal(gaps_of(o).count, 1);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void open_alerts_push_out_all_that_may_go(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 1 << 20 };
    struct outbox        *o;
    unsigned              n = 0;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    for (; n < 100; n++)
        raise_numbered(o, n, true);
    for (unsigned i = 0; i < 300; i++)
        put_block(o, i, 2000);
    assert_true(counts_of(o).sample_blocks > 200);
    assert_int_equal(counts_of(o).history, 100);
    for (; n < 400 && rig_health(o).durable; n++)
        raise_numbered(o, n, false);
    rig_durable(o);
    assert_int_equal(counts_of(o).open_alerts, 300);
    assert_true(counts_of(o).sample_blocks == 0); /* before any of the history */
    assert_true(counts_of(o).history > 0);
    for (; n < OPEN_ALERTS_MAX && rig_health(o).durable; n++)
        raise_numbered(o, n, false);
    printf("  1 MiB holds %u open alerts with their tickets\n", (unsigned)counts_of(o).open_alerts);
    assert_int_equal(rig_health(o).why.code, ERR_NO_SPACE);
    assert_true(counts_of(o).history <= 1);
    outbox_tick(o);
    assert_int_equal(rig_health(o).why.code, ERR_NO_SPACE);
    assert_true(counts_of(o).open_alerts > 300); /* in memory, all of them */
    assert_true(disk_bytes(&f) < options.max_bytes * 5 / 4);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void samples_leave_by_age_counted_in_time_covered(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 16 << 20, .history_hours = 2 };
    struct outbox        *o;
    struct gaps           g;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    for (unsigned i = 0; i < 100; i++)
        put_block(o, i, 500);
    assert_in_range(samples_of(o).count, 24, 26); /* of five minutes each */
    g = gaps_of(o);
    assert_int_equal(g.count, 1);
    assert_string_equal(g.reason, "removed because of their age");
    /* ten years on, and back: the clock was set; that counts as an hour at most, as a night's rest would */
    rig_ok(outbox_samples_put(o, INT64_C(315360000000), INT64_C(315360000000) + 240000, 300, "x", 1));
    rig_ok(outbox_samples_put(o, INT64_C(30000000), 1000, 300, "x", 1));
    assert_in_range(samples_of(o).count, 13, 16);
    outbox_close(&o);
    o = rig_open_with(&options);
    for (unsigned i = 101; i < 200; i++)
        put_block(o, i, 500);
    assert_in_range(samples_of(o).count, 24, 26);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void a_lower_limit_shrinks_the_file(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 8 << 20 };
    struct outbox        *o;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    raise_numbered(o, 1, false);
    for (unsigned i = 0; i < 2000; i++)
        put_block(o, i, 2500);
    outbox_close(&o);
    assert_true(disk_bytes(&f) > 4 << 20);
    options.max_bytes = 2 << 20;
    o = rig_open_with(&options);
    outbox_tick(o);
    rig_durable(o);
    outbox_close(&o);
    assert_true(disk_bytes(&f) < 2 << 20);
    o = rig_open_with(&options);
    assert_int_equal(counts_of(o).open_alerts, 1);
    assert_int_equal(samples_of(o).last, 1999 * INT64_C(300000));
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void a_limit_that_is_lowered_at_work_shrinks_it(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 8 << 20 };
    struct outbox        *o;
    unsigned              before;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    raise_numbered(o, 1, false);
    for (unsigned i = 0; i < 1500; i++)
        put_block(o, i, 2500);
    before = samples_of(o).count;
    outbox_limit(o, 2 << 20, 24);
    for (unsigned i = 0; i < 40; i++)
        outbox_tick(o);
    rig_durable(o);
    assert_in_range(samples_of(o).count, 1, before / 2);
    assert_true(samples_of(o).count <= 24 * 12 + 1); /* of five minutes each */
    assert_int_equal(samples_of(o).last, 1499 * INT64_C(300000));
    assert_int_equal(counts_of(o).open_alerts, 1);
    outbox_limit(o, 8 << 20, 0);
    for (unsigned i = 1500; i < 3000; i++)
        put_block(o, i, 2500);
    assert_true(samples_of(o).count > 1500);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void ten_thousand_incidents_do_not_make_it_grow(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    uint64_t          at_first = 0, at_last;
    unsigned          rounds = rig_rounds(10000);

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    for (unsigned i = 0; i < rounds; i++) {
        pass_by(o, i % 300);
        if (i % 100 == 0)
            outbox_tick(o);
        if (i == rounds / 2)
            at_first = disk_bytes(&f);
    }
    rig_durable(o);
    outbox_tick(o);
    at_last = disk_bytes(&f);
    printf("  %u incidents: %u, then %u bytes; %u in history\n", rounds, (unsigned)at_first, (unsigned)at_last,
           (unsigned)counts_of(o).history);
    assert_true(at_last <= at_first + 512 * 1024);
    assert_true(counts_of(o).history <= 2100);
    outbox_close(&o);
    rig_folder_remove(&f);
}

/* ---- three days of a usual machine ---- */

static const struct metric whole = { "system.memory.usage", UNIT_BYTES, METRIC_GAUGE, "" };
static const struct metric ratio = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE, "" };
static const struct metric counted = { "system.network.io", UNIT_BYTES, METRIC_COUNTER, "" };
static const struct metric rate = { "system.disk.operation_rate", UNIT_PER_SECOND, METRIC_GAUGE, "" };

static void put_round(struct block_writer *w, int64_t wall_ms)
{
    static const struct metric *const metrics[] = { &whole, &ratio, &counted, &rate };
    static double                     values[60];

    for (unsigned i = 0; i < 60; i++) {
        char              name[32];
        const struct attr attrs[] = { { "system.device", name }, { "system.filesystem.mountpoint", "/srv/data" } };
        struct sample     s = { metrics[i % 4], attrs, 2, 0 };

        snprintf(name, sizeof name, "device%u", i);
        if (i % 4 == 0)
            values[i] = floor(4e9 + rand() % 50000000);
        else if (i % 4 == 2)
            values[i] += rand() % 5000000;
        else
            values[i] = rand() / (double)RAND_MAX;
        s.value = values[i];
        rig_ok(block_put(w, wall_ms + i, &s));
    }
}

static void three_days_of_sixty_series_fit_well(void **state)
{
    struct rig_folder    f;
    struct outbox       *o;
    struct block_writer *w;
    uint64_t             encoded = 0;
    struct samples       s;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    rig_ok(block_writer_new(&w));
    for (unsigned minute = 0; minute < 72 * 60; minute++) {
        struct block b;

        put_round(w, INT64_C(1700000000000) + minute * MINUTE_MS);
        if (minute % 5 != 4)
            continue;
        rig_ok(block_take(w, &b));
        encoded += b.bytes.len;
        rig_ok(outbox_samples_put(o, b.first_ms, b.last_ms, b.count, b.bytes.data, b.bytes.len));
        block_done(&b);
    }
    block_writer_free(&w);
    s = samples_of(o);
    assert_int_equal(s.count, 72 * 12);
    assert_int_equal(gaps_of(o).count, 0);
    printf("  72 h of 60 series at 60 s: %u samples, %u bytes encoded, %u on disk\n", 72 * 60 * 60u, (unsigned)encoded,
           (unsigned)disk_bytes(&f));
    assert_true(disk_bytes(&f) < 6 << 20);
    outbox_close(&o);
    rig_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_samples_go_first_and_a_gap_says_which),
        cmocka_unit_test(open_alerts_push_out_all_that_may_go),
        cmocka_unit_test(samples_leave_by_age_counted_in_time_covered),
        cmocka_unit_test(a_lower_limit_shrinks_the_file),
        cmocka_unit_test(a_limit_that_is_lowered_at_work_shrinks_it),
        cmocka_unit_test(ten_thousand_incidents_do_not_make_it_grow),
        cmocka_unit_test(three_days_of_sixty_series_fit_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
