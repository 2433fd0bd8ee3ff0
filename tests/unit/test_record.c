#include "tests/unit/check.h"

#include <math.h>

#include "proto/record.h"

struct thing {
    char     name[16];
    uint64_t count;
    double   value;
    bool     good;
    int64_t  at;
};

static const struct record_field fields[] = {
    RECORD_FIELD(struct thing, name, RECORD_TEXT),   RECORD_FIELD(struct thing, count, RECORD_NUMBER),
    RECORD_FIELD(struct thing, value, RECORD_VALUE), RECORD_FIELD(struct thing, good, RECORD_FLAG),
    RECORD_FIELD(struct thing, at, RECORD_TIME),
};

static const struct record things = { 70, "things", fields, ARRAY_LEN(fields) };

static const struct thing some = { "disk \"C\"", 42, 0.5, true, 1767607920000 };

static void a_record_comes_back_whole(void **state)
{
    struct thing        got;
    struct frame_reader r;
    struct buf          b;
    size_t              used;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    assert_false(failed(record_put(&things, &some, &b)));
    assert_false(failed(frame_next(b.data, b.len, &r, &used)));
    assert_int_equal(r.type, things.type);
    assert_false(failed(record_get(&things, &r, &got)));
    assert_string_equal(got.name, some.name);
    assert_true(got.count == some.count && got.value == some.value && got.good && got.at == some.at);
    buf_done(&b);
}

static void a_record_as_json(void **state)
{
    const struct thing nothing = { "", 0, NAN, false, 0 };
    struct json_put    j;
    struct buf         b;

    (void)state;
    buf_init(&b, 4096);
    json_put_begin(&j, &b, false);
    json_put_array(&j, NULL);
    record_json(&things, &some, &j, NULL);
    record_json(&things, &nothing, &j, NULL);
    json_put_end(&j);
    assert_false(failed(json_put_done(&j)));
    assert_string_equal(buf_text(&b),
                        "[{\"name\":\"disk \\\"C\\\"\",\"count\":42,\"value\":0.5,\"good\":true,"
                        "\"at\":\"2026-01-05T10:12:00Z\"},"
                        "{\"name\":\"\",\"count\":0,\"value\":null,\"good\":false,\"at\":null}]");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_whole),
        cmocka_unit_test(a_record_as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
