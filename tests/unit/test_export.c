/* From blocks to messages, and how far an upstream is: in memory, and in the outbox. */
#include "tests/unit/check.h"

#include "agent/collect/collect.h"
#include "agent/export_batch.h"
#include "agent/outbox/block.h"
#include "outbox_rig.h"

enum { SERIES = 300, ROUNDS = 12 };

/* One figure of many file systems: more than fits into a frame. */
static struct block large_block(void)
{
    struct block_writer *w = NULL;
    struct block         b;
    char                 place[40];

    rig_ok(block_writer_new(&w));
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < SERIES; i++) {
            const struct attr   attrs[] = { { "system.filesystem.mountpoint", place } };
            const struct sample s = { metric_find("system.filesystem.utilization"), attrs, 1, i + round / 64.0 };

            snprintf(place, sizeof place, "/srv/%d", i);
            rig_ok(block_put(w, 1700000000000 + round * 60000, &s));
        }
    rig_ok(block_take(w, &b));
    block_writer_free(&w);
    return b;
}

static size_t points_of(struct buf *frame, double *sum)
{
    struct frame_reader r;
    struct link_samples m;
    size_t              used, count;

    rig_ok(frame_next(frame->data, frame->len, &r, &used));
    assert_int_equal(used, frame->len);
    assert_int_equal(r.type, LINK_SAMPLES);
    rig_ok(link_samples_get(&r, &m));
    assert_int_equal(m.batch, 7);
    assert_string_equal(m.request.resource[0].value, "picket");
    count = otlp_point_count(&m.request);
    for (size_t s = 0; s < m.request.series_count; s++) {
        assert_string_equal(m.request.series[s].unit, "1");
        assert_string_equal(m.request.series[s].attrs[0].key, "system.filesystem.mountpoint");
        for (size_t p = 0; p < m.request.series[s].point_count; p++)
            *sum += m.request.series[s].points[p].value;
    }
    link_samples_done(&m);
    return count;
}

static void a_large_block_travels_in_batches_that_fit(void **state)
{
    const struct otlp_attr    about[] = { { "service.name", "picket" } };
    const struct link_samples head = { .upstream = 1, .batch = 7, .request = { .resource = about, .resource_count = 1 } };
    struct block              b = large_block();
    struct export_block       block = { b.bytes.data, b.bytes.len, 0, 0 };
    struct export_batch       batch = { 0 };
    double                    sum = 0, want = 0;
    size_t                    points = 0, batches = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < SERIES; i++)
            want += i + round / 64.0;
    while (!batch.whole) {
        rig_ok(export_batch_print(&block, &head, &batch));
        assert_true(batch.frame.len <= FRAME_MAX_BYTES + 4);
        assert_true(batch.done > block.skip);
        points += points_of(&batch.frame, &sum);
        buf_done(&batch.frame);
        block.skip = batch.done;
        batches++;
    }
    assert_int_equal(points, b.count);
    assert_int_equal(batch.done, b.count);
    assert_true(batches > 1);
    assert_float_equal(sum, want, 0.001);
    block_done(&b);
}

static void a_damaged_block_gives_what_can_be_read(void **state)
{
    const struct otlp_attr    about[] = { { "service.name", "picket" } };
    const struct link_samples head = { .upstream = 1, .batch = 7, .request = { .resource = about, .resource_count = 1 } };
    struct block              b = large_block();
    struct frame_reader       r;
    size_t                    used;

    (void)state;
    for (size_t len = 0; len < b.bytes.len; len += 97) {
        struct export_block block = { b.bytes.data, len, 0, 0 };
        struct export_batch batch;
        struct link_samples m;

        struct err          e = export_batch_print(&block, &head, &batch);

        /* a frame that is full before the damage has no word of it */
        assert_int_equal(e.code, batch.whole ? ERR_MALFORMED : ERR_OK);
        rig_ok(frame_next(batch.frame.data, batch.frame.len, &r, &used));
        rig_ok(link_samples_get(&r, &m));
        link_samples_done(&m);
        buf_done(&batch.frame);
    }
    block_done(&b);
}

static void texts_that_a_courier_would_not_read_stay_here(void **state)
{
    static const char         bad[] = "\x01\x01\x01\x02\x03\x00" "a\0\x00" "k\0\x00" "\xff\xfe\0\x01\x02";
    const struct link_samples head = { .batch = 7 };
    struct export_block       block = { bad, sizeof bad - 1, 0, 0 };
    struct export_batch       batch;

    (void)state;
    rig_ok(export_batch_print(&block, &head, &batch));
    assert_int_equal(batch.points, 0);
    assert_int_equal(batch.done, 1);
    assert_true(batch.whole);
    buf_done(&batch.frame);
}

/* ---- how far ---- */

static void put_blocks(struct outbox *o, int count)
{
    for (int i = 0; i < count; i++)
        rig_ok(outbox_samples_put(o, 1000 * i + 1, 1000 * i + 500, 3, "block", 5));
}

static void note_number(void *context, int64_t number, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes,
                        size_t len)
{
    (void)first_ms;
    (void)last_ms;
    assert_int_equal(count, 3);
    assert_int_equal(len, 5);
    assert_memory_equal(bytes, "block", 5);
    *(int64_t *)context = number;
}

static int64_t next_of(struct outbox *o, int64_t from)
{
    int64_t    number = 0;
    struct err e = outbox_samples_next(o, from, note_number, &number);

    assert_true(e.code == ERR_OK || e.code == ERR_NOT_FOUND);
    return number;
}

static void a_new_upstream_begins_with_what_comes(void **state)
{
    struct outbox       *o = rig_open(NULL);
    struct outbox_cursor c;

    (void)state;
    put_blocks(o, 3);
    outbox_cursor_get(o, "otel", &c);
    assert_int_equal(c.block, outbox_samples_newest(o));
    assert_int_equal(c.done, CURSOR_WHOLE);
    assert_int_equal(next_of(o, 1), 1);
    assert_int_equal(next_of(o, 3), 3);
    assert_int_equal(next_of(o, 4), 0);
    outbox_close(&o);
}

static void a_cursor_outlives_the_agent(void **state)
{
    struct rig_folder    folder;
    struct outbox       *o;
    struct outbox_cursor c, was = { .upstream = "otel", .block = 2, .done = 17, .until_ms = 5, .boot_ms = 6, .missed = 7,
                                    .rejected = 8 };
    static const char *const kept[] = { "other" };

    (void)state;
    rig_folder_make(&folder);
    o = rig_open(folder.db);
    put_blocks(o, 3);
    rig_ok(outbox_cursor_put(o, &was));
    outbox_close(&o);
    o = rig_open(folder.db);
    outbox_cursor_get(o, "otel", &c);
    assert_string_equal(c.upstream, "otel");
    assert_int_equal(c.block, was.block);
    assert_int_equal(c.done, was.done);
    assert_int_equal(c.until_ms, was.until_ms);
    assert_int_equal(c.boot_ms, was.boot_ms);
    assert_int_equal(c.missed, was.missed);
    assert_int_equal(c.rejected, was.rejected);
    assert_int_equal(next_of(o, c.block), 2);
    assert_int_equal(next_of(o, c.block + 1), 3);
    assert_int_equal(next_of(o, 4), 0);
    outbox_cursors_keep(o, kept, 1);
    outbox_cursor_get(o, "otel", &c);
    assert_int_equal(c.block, 3);
    outbox_close(&o);
    o = rig_open(folder.db);
    outbox_cursor_get(o, "otel", &c);
    assert_int_equal(c.block, 3);
    outbox_close(&o);
    rig_folder_remove(&folder);
}

static void there_are_no_more_cursors_than_upstreams(void **state)
{
    struct outbox       *o = rig_open(NULL);
    struct outbox_cursor c = { .block = 1 };

    (void)state;
    for (int i = 0; i <= UPSTREAMS_MAX; i++) {
        snprintf(c.upstream, sizeof c.upstream, "u%d", i);
        assert_int_equal(outbox_cursor_put(o, &c).code, i < UPSTREAMS_MAX ? ERR_OK : ERR_TOO_BIG);
    }
    outbox_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_block_travels_in_batches_that_fit),
        cmocka_unit_test(a_damaged_block_gives_what_can_be_read),
        cmocka_unit_test(texts_that_a_courier_would_not_read_stay_here),
        cmocka_unit_test(a_new_upstream_begins_with_what_comes),
        cmocka_unit_test(a_cursor_outlives_the_agent),
        cmocka_unit_test(there_are_no_more_cursors_than_upstreams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
