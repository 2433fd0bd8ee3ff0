/* Blocks of samples: what goes in comes out, in few bytes, and foreign bytes are refused. */
#include "agent/outbox/block.h"

#include <math.h>

#include "check.h"

static const struct metric usage = { "system.memory.usage", UNIT_BYTES, METRIC_GAUGE, "" };
static const struct metric load = { "system.cpu.load_average.1m", UNIT_THREADS, METRIC_GAUGE, "" };
static const struct metric disk = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE, "" };

static struct err put_err(struct block_writer *w, int64_t ms, const struct metric *m, const char *mountpoint,
                          double value)
{
    const struct attr   attr = { "system.filesystem.mountpoint", mountpoint };
    const struct sample s = { m, &attr, mountpoint ? 1 : 0, value };

    return block_put(w, ms, &s);
}

static void put(struct block_writer *w, int64_t ms, const struct metric *m, const char *mountpoint, double value)
{
    assert_int_equal(put_err(w, ms, m, mountpoint, value).code, ERR_OK);
}

static bool print(void *context, const struct block_sample *s)
{
    assert_int_equal(buf_printf(context, "%s", s->metric).code, ERR_OK);
    for (size_t i = 0; i < s->attr_count; i++)
        assert_int_equal(buf_printf(context, " %s=%s", s->attrs[i].key, s->attrs[i].value).code, ERR_OK);
    assert_int_equal(buf_printf(context, " %lld %.7g\n", (long long)s->wall_ms, s->value).code, ERR_OK);
    return true;
}

static void assert_reads(const struct block *b, const char *want)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    assert_int_equal(block_read(b->bytes.data, b->bytes.len, print, &text).code, ERR_OK);
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static struct block_writer *writer(void)
{
    struct block_writer *w = NULL;

    assert_int_equal(block_writer_new(&w).code, ERR_OK);
    return w;
}

static struct block take(struct block_writer *w)
{
    struct block b;

    assert_int_equal(block_take(w, &b).code, ERR_OK);
    return b;
}

static void what_goes_in_comes_out(void **state)
{
    struct block_writer *w = writer();
    struct block         b;

    (void)state;
    put(w, 1000, &usage, NULL, 4294967296.0);
    put(w, 1003, &disk, "/", 0.25);
    put(w, 1004, &disk, "/srv", 0.5);
    put(w, 61000, &usage, NULL, 4294967295.0);
    put(w, 61001, &disk, "/", 0.3333333);
    put(w, 121000, &usage, NULL, -1);
    put(w, 121002, &disk, "/srv", 1e-30);
    put(w, 121002, &load, NULL, 3.5);
    b = take(w);
    assert_int_equal(b.first_ms, 1000);
    assert_int_equal(b.last_ms, 121000);
    assert_int_equal(b.count, 8);
    assert_reads(&b, "system.memory.usage 1000 4.294967e+09\n"
                     "system.memory.usage 61000 4.294967e+09\n"
                     "system.memory.usage 121000 -1\n"
                     "system.filesystem.utilization system.filesystem.mountpoint=/ 1000 0.25\n"
                     "system.filesystem.utilization system.filesystem.mountpoint=/ 61000 0.3333333\n"
                     "system.filesystem.utilization system.filesystem.mountpoint=/srv 1000 0.5\n"
                     "system.filesystem.utilization system.filesystem.mountpoint=/srv 121000 1e-30\n"
                     "system.cpu.load_average.1m 121000 3.5\n");
    block_done(&b);
    block_writer_free(&w);
}

struct expect {
    const double *values;
    size_t        count;
};

static bool expect_next(void *context, const struct block_sample *s)
{
    struct expect *e = context;

    if (s->value != *e->values)
        fail_msg("%.17g, not %.17g", s->value, *e->values);
    e->values++;
    e->count++;
    return true;
}

static void whole_numbers_are_exact_and_others_keep_seven_digits(void **state)
{
    static const double wholes[] = { 0, 1, -1, 4503599627370496.0, -4503599627370496.0, 123456789012345.0, 7, 7, 7 };
    static const double others[] = { 0.5, 0.1f, 3.402823466e38, -3.402823466e38, 1e-40f, 0, 1e20f, -0.25 };
    static const double too_large[] = { 0.5, 1e300, -1e300 };
    static const double clipped[] = { 0.5, 3.4028234663852886e38, -3.4028234663852886e38 };
    static const struct {
        const double *in, *out;
        size_t        count;
    } cases[] = { { wholes, wholes, ARRAY_LEN(wholes) },
                  { others, others, ARRAY_LEN(others) },
                  { too_large, clipped, ARRAY_LEN(clipped) } };

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        struct block_writer *w = writer();
        struct block         b;
        struct expect        e = { cases[c].out, 0 };

        for (size_t i = 0; i < cases[c].count; i++)
            put(w, (int64_t)i * 60000, &usage, NULL,
                (double)(cases[c].in == others ? (float)cases[c].in[i] : cases[c].in[i]));
        b = take(w);
        if (cases[c].in == others) { /* as floats, both of them */
            double as_floats[ARRAY_LEN(others)];

            for (size_t i = 0; i < ARRAY_LEN(others); i++)
                as_floats[i] = (double)(float)others[i];
            e.values = as_floats;
            assert_int_equal(block_read(b.bytes.data, b.bytes.len, expect_next, &e).code, ERR_OK);
        } else {
            assert_int_equal(block_read(b.bytes.data, b.bytes.len, expect_next, &e).code, ERR_OK);
        }
        assert_int_equal(e.count, cases[c].count);
        block_done(&b);
        block_writer_free(&w);
    }
}

static void what_is_no_number_is_left_out(void **state)
{
    struct block_writer *w = writer();
    struct block         b;

    (void)state;
    put(w, 1, &usage, NULL, NAN);
    put(w, 1, &usage, NULL, INFINITY);
    b = take(w);
    assert_int_equal(b.count, 0);
    assert_int_equal(b.bytes.len, 0);
    block_done(&b);
    block_writer_free(&w);
}

static void a_clock_that_jumps_either_way_is_recorded_as_it_went(void **state)
{
    const int64_t        ten_years = INT64_C(315360000000);
    struct block_writer *w = writer();
    struct block         b;

    (void)state;
    put(w, ten_years, &load, NULL, 1);
    put(w, 2 * ten_years, &load, NULL, 2);
    put(w, 0, &load, NULL, 3);
    put(w, INT64_MAX, &load, NULL, 4);
    put(w, INT64_MIN, &load, NULL, 5);
    b = take(w);
    assert_reads(&b, "system.cpu.load_average.1m 315360000000 1\n"
                     "system.cpu.load_average.1m 630720000000 2\n"
                     "system.cpu.load_average.1m 0 3\n"
                     "system.cpu.load_average.1m 9223372036854775807 4\n"
                     "system.cpu.load_average.1m -9223372036854775808 5\n");
    block_done(&b);
    block_writer_free(&w);
}

static void a_full_block_says_so_and_loses_nothing_it_has(void **state)
{
    struct block_writer *w = writer();
    struct block         b;
    int64_t              i = 0;

    (void)state;
    while (!block_is_full(w))
        put(w, i++ * 1000, &load, NULL, 1);
    assert_int_equal(i, BLOCK_ROUNDS_MAX);
    assert_int_equal(put_err(w, i * 1000, &load, NULL, 1).code, ERR_TOO_BIG);
    b = take(w);
    assert_int_equal(b.count, BLOCK_ROUNDS_MAX);
    assert_int_equal(b.last_ms, (i - 1) * 1000);
    block_done(&b);
    assert_false(block_is_full(w));
    put(w, 0, &load, NULL, 1);
    b = take(w);
    assert_int_equal(b.count, 1);
    block_done(&b);
    block_writer_free(&w);
}

static void the_newest_values_outlive_their_block(void **state)
{
    const struct attr    srv = { "system.filesystem.mountpoint", "/srv" };
    struct block_writer *w = writer();
    double               values[BLOCK_RECENT];
    struct block         b;

    (void)state;
    assert_int_equal(block_recent(w, &disk, &srv, 1, values), 0);
    for (int i = 1; i <= 11; i++) {
        put(w, i * 60000, &load, NULL, -1);
        put(w, i * 60000, &disk, "/srv", i);
        if (i == 2) {
            assert_int_equal(block_recent(w, &disk, &srv, 1, values), 2);
            assert_true(values[0] == 1 && values[1] == 2);
        }
        if (i % 5 == 0) {
            b = take(w);
            block_done(&b);
        }
    }
    assert_int_equal(block_recent(w, &disk, &srv, 1, values), BLOCK_RECENT);
    for (int i = 0; i < BLOCK_RECENT; i++)
        assert_true(values[i] == 4 + i);
    assert_int_equal(block_recent(w, &usage, NULL, 0, values), 0);
    block_writer_free(&w);
}

static void too_many_series_are_refused_and_old_ones_leave(void **state)
{
    struct block_writer *w = writer();
    struct block         b;
    char                 name[16];

    (void)state;
    for (int i = 0; i < BLOCK_SERIES_MAX; i++) {
        snprintf(name, sizeof name, "/%d", i);
        put(w, 0, &disk, name, 0.5);
    }
    assert_int_equal(put_err(w, 0, &disk, "/one-too-many", 0.5).code, ERR_TOO_BIG);
    b = take(w);
    assert_int_equal(b.count, BLOCK_SERIES_MAX);
    block_done(&b);
    assert_int_equal(put_err(w, 60000, &disk, "/one-too-many", 0.5).code, ERR_TOO_BIG); /* may still come */
    put(w, 60000, &disk, "/0", 0.5);
    b = take(w);
    block_done(&b);
    put(w, 120000, &disk, "/one-too-many", 0.5);
    b = take(w);
    assert_reads(&b, "system.filesystem.utilization system.filesystem.mountpoint=/one-too-many 120000 0.5\n");
    block_done(&b);
    block_writer_free(&w);
}

static bool ignore(void *context, const struct block_sample *s)
{
    (void)context;
    assert_non_null(s->metric);
    return true;
}

static bool stop(void *context, const struct block_sample *s)
{
    (void)s;
    ++*(int *)context;
    return false;
}

static void foreign_bytes_are_refused(void **state)
{
    struct block_writer *w = writer();
    struct block         b;
    int                  seen = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        put(w, i * 60000, &usage, NULL, i * 1000000);
        if (i % 3)
            put(w, i * 60000, &disk, "/srv", 0.1 * i);
    }
    b = take(w);
    assert_int_equal(block_read(b.bytes.data, b.bytes.len, stop, &seen).code, ERR_OK);
    assert_int_equal(seen, 1);
    for (size_t len = 0; len < b.bytes.len; len++) { /* in memory of just that length, so that a read beyond is seen */
        char *cut = malloc(len ? len : 1);

        memcpy(cut, b.bytes.data, len);
        assert_int_equal(block_read(cut, len, ignore, NULL).code, ERR_MALFORMED);
        free(cut);
    }
    assert_int_equal(buf_add_byte(&b.bytes, 0).code, ERR_OK);
    assert_int_equal(block_read(b.bytes.data, b.bytes.len, ignore, NULL).code, ERR_MALFORMED);
    for (size_t i = 0; i < b.bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) { /* another block, or refused: never more than that */
            b.bytes.data[i] ^= (char)(1 << bit);
            (void)block_read(b.bytes.data, b.bytes.len, ignore, NULL);
            b.bytes.data[i] ^= (char)(1 << bit);
        }
    block_done(&b);
    block_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(whole_numbers_are_exact_and_others_keep_seven_digits),
        cmocka_unit_test(what_is_no_number_is_left_out),
        cmocka_unit_test(a_clock_that_jumps_either_way_is_recorded_as_it_went),
        cmocka_unit_test(a_full_block_says_so_and_loses_nothing_it_has),
        cmocka_unit_test(the_newest_values_outlive_their_block),
        cmocka_unit_test(too_many_series_are_refused_and_old_ones_leave),
        cmocka_unit_test(foreign_bytes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
