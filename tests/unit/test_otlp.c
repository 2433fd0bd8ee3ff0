/* Both encodings, byte by byte for a small request; end-to-end tests hold larger ones against the published files. */
#include "tests/unit/check.h"

#include "proto/otlp.h"

static const struct otlp_attr  where[] = { { "k", "v\"" } };
static const struct otlp_point one[] = { { 1, 0.5 } }, two[] = { { 1, 1 }, { 2, -2 } }, early[] = { { 0, 7 }, { -5, 7 } };

static const struct otlp_series series[] = {
    { .name = "a", .unit = "1", .points = one, .point_count = 1 },
    { .name = "c", .unit = "By", .counter = true, .start_ms = 1, .attrs = where, .attr_count = 1, .points = two,
      .point_count = 2 },
    { .name = "a", .unit = "1", .attrs = where, .attr_count = 1, .points = two, .point_count = 2 },
};

static struct otlp_request request(size_t first, size_t count)
{
    return (struct otlp_request){ .scope = "p", .scope_version = "1", .series = series + first, .series_count = count,
                                  .resource = where, .resource_count = 1 };
}

static struct buf print(const struct otlp_request *r, enum otlp_encoding encoding, size_t from, size_t to)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    assert_false(failed(otlp_print(r, encoding, from, to, &b)));
    return b;
}

static void a_gauge_in_protobuf(void **state)
{
    static const char want[] = "\x0a\x35"                               /* resource_metrics, 53 bytes */
                               "\x0a\x0b\x0a\x09\x0a\x01k\x12\x04\x0a\x02v\"" /* resource: an attribute */
                               "\x12\x26"                               /* scope_metrics */
                               "\x0a\x06\x0a\x01p\x12\x01" "1"          /* scope */
                               "\x12\x1c\x0a\x01" "a" "\x1a\x01" "1"    /* metric: name, unit */
                               "\x2a\x14\x0a\x12"                       /* gauge, data point */
                               "\x19\x40\x42\x0f\0\0\0\0\0"             /* time: 1,000,000 ns, fixed64 */
                               "\x21\0\0\0\0\0\0\xe0\x3f"               /* 0.5 */;
    struct otlp_request r = request(0, 1);
    struct buf          b = print(&r, OTLP_PROTOBUF, 0, SIZE_MAX);

    (void)state;
    assert_int_equal(b.len, sizeof want - 1);
    assert_memory_equal(b.data, want, b.len);
    buf_done(&b);
}

static void one_name_is_one_metric_in_json(void **state)
{
    struct otlp_request r = request(0, 3);
    struct buf          b = print(&r, OTLP_JSON, 0, SIZE_MAX);

    (void)state;
    assert_string_equal(
        buf_text(&b),
        "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\\\"\"}}]},"
        "\"scopeMetrics\":[{\"scope\":{\"name\":\"p\",\"version\":\"1\"},\"metrics\":["
        "{\"name\":\"a\",\"unit\":\"1\",\"gauge\":{\"dataPoints\":["
        "{\"timeUnixNano\":\"1000000\",\"asDouble\":0.5},"
        "{\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\\\"\"}}],\"timeUnixNano\":\"1000000\",\"asDouble\":1},"
        "{\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\\\"\"}}],\"timeUnixNano\":\"2000000\",\"asDouble\":-2}]}},"
        "{\"name\":\"c\",\"unit\":\"By\",\"sum\":{\"dataPoints\":["
        "{\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\\\"\"}}],\"startTimeUnixNano\":\"1000000\","
        "\"timeUnixNano\":\"1000000\",\"asDouble\":1},"
        "{\"attributes\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"v\\\"\"}}],\"startTimeUnixNano\":\"1000000\","
        "\"timeUnixNano\":\"2000000\",\"asDouble\":-2}],\"aggregationTemporality\":2,\"isMonotonic\":true}}]}]}]}");
    buf_done(&b);
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        n++;
    return n;
}

static void parts_are_the_whole(void **state)
{
    struct otlp_request r = request(0, 3);

    (void)state;
    assert_int_equal(otlp_point_count(&r), 5);
    for (size_t size = 1; size <= 6; size++) {
        size_t seen = 0;

        for (size_t from = 0; from < 5; from += size) {
            struct buf b = print(&r, OTLP_JSON, from, from + size);

            seen += count_of(buf_text(&b), "asDouble");
            assert_true(count_of(buf_text(&b), "asDouble") <= size);
            assert_int_equal(count_of(buf_text(&b), "\"dataPoints\":[]"), 0);
            buf_done(&b);
        }
        assert_int_equal(seen, 5);
    }
}

static void a_time_before_1970_is_no_time(void **state)
{
    const struct otlp_series s[] = { { .name = "a", .unit = "", .points = early, .point_count = 2 } };
    struct otlp_request      r = { .scope = "p", .scope_version = "1", .series = s, .series_count = 1 };
    struct buf               b = print(&r, OTLP_JSON, 0, SIZE_MAX);

    (void)state;
    assert_int_equal(count_of(buf_text(&b), "asDouble"), 0);
    buf_done(&b);
}

static void nothing_is_an_empty_message(void **state)
{
    struct otlp_request r = { .scope = "p", .scope_version = "1" };
    struct buf          b = print(&r, OTLP_PROTOBUF, 0, SIZE_MAX);

    (void)state;
    assert_int_equal(b.len, 0);
    buf_done(&b);
    b = print(&r, OTLP_JSON, 0, SIZE_MAX);
    assert_string_equal(buf_text(&b), "{\"resourceMetrics\":[]}");
    buf_done(&b);
}

static void what_does_not_fit_leaves_nothing(void **state)
{
    struct otlp_request r = request(0, 3);
    struct buf          b;

    (void)state;
    for (int encoding = OTLP_PROTOBUF; encoding <= OTLP_JSON; encoding++) {
        buf_init(&b, 100);
        assert_int_equal(otlp_print(&r, (enum otlp_encoding)encoding, 0, SIZE_MAX, &b).code, ERR_TOO_BIG);
        assert_int_equal(b.len, 0);
        buf_done(&b);
    }
}

static void answers(void **state)
{
    static const struct {
        const char        *name, *body;
        size_t             len; /* of protobuf */
        enum otlp_encoding encoding;
        enum err_code      want;
        uint64_t           rejected;
        const char        *message;
    } cases[] = {
        { "empty", "", 0, OTLP_PROTOBUF, ERR_OK, 0, "" },
        { "empty JSON", "{}", 2, OTLP_JSON, ERR_OK, 0, "" },
        { "partial", "\x0a\x06\x08\x02\x12\x02no", 8, OTLP_PROTOBUF, ERR_OK, 2, "no" },
        { "a warning", "\x0a\x04\x12\x02no", 6, OTLP_PROTOBUF, ERR_OK, 0, "no" },
        { "negative", "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, OTLP_PROTOBUF, ERR_OK, 0, "" },
        { "unknown fields", "\x1a\x01x\x20\x05\x2d\1\2\3\4\x31\1\2\3\4\5\6\7\x08\x0a\x02\x08\x07", 23, OTLP_PROTOBUF, ERR_OK, 7,
          "" },
        { "cut", "\x0a\x06\x08\x02\x12", 5, OTLP_PROTOBUF, ERR_MALFORMED, 0, "" },
        { "cut inside", "\x0a\x03\x12\x09x", 5, OTLP_PROTOBUF, ERR_MALFORMED, 0, "" },
        { "a group", "\x0b", 1, OTLP_PROTOBUF, ERR_MALFORMED, 0, "" },
        { "field 0", "\x02\x01x", 3, OTLP_PROTOBUF, ERR_MALFORMED, 0, "" },
        { "endless number", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, OTLP_PROTOBUF, ERR_MALFORMED, 0, "" },
        { "line break", "\x0a\x05\x12\x03" "a\nb", 7, OTLP_PROTOBUF, ERR_OK, 0, "a b" },
        { "as text", "{\"partialSuccess\":{\"rejectedDataPoints\":\"12\",\"errorMessage\":\"old\"}}", 0, OTLP_JSON, ERR_OK, 12,
          "old" },
        { "as number", "{\"partialSuccess\":{\"rejectedDataPoints\":3}}", 0, OTLP_JSON, ERR_OK, 3, "" },
        { "other kinds", "{\"partialSuccess\":[1],\"x\":null}", 0, OTLP_JSON, ERR_OK, 0, "" },
        { "no JSON", "<html>", 6, OTLP_JSON, ERR_MALFORMED, 0, "" },
        { "a list", "[]", 2, OTLP_JSON, ERR_MALFORMED, 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct otlp_answer a = { .rejected = 99 };
        size_t             len = cases[i].encoding == OTLP_JSON ? strlen(cases[i].body) : cases[i].len;
        struct err         e = otlp_answer_parse(cases[i].body, len, cases[i].encoding, &a);

        print_message("%s\n", cases[i].name);
        assert_int_equal(e.code, cases[i].want);
        assert_int_equal(a.rejected, failed(e) ? 99 : cases[i].rejected);
        if (!failed(e))
            assert_string_equal(a.message, cases[i].message);
    }
}

static void refusals_have_a_message_or_none(void **state)
{
    char said[OTLP_MESSAGE_MAX];

    (void)state;
    otlp_refusal_parse("\x08\x03\x12\x03old", 7, OTLP_PROTOBUF, said);
    assert_string_equal(said, "old");
    otlp_refusal_parse("\x12\x63old", 5, OTLP_PROTOBUF, said);
    assert_string_equal(said, "");
    otlp_refusal_parse("{\"code\":3,\"message\":\"old\"}", 26, OTLP_JSON, said);
    assert_string_equal(said, "old");
    otlp_refusal_parse("{\"message\":3}", 13, OTLP_JSON, said);
    assert_string_equal(said, "");
    otlp_refusal_parse("", 0, OTLP_JSON, said);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gauge_in_protobuf),
        cmocka_unit_test(one_name_is_one_metric_in_json),
        cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(a_time_before_1970_is_no_time),
        cmocka_unit_test(nothing_is_an_empty_message),
        cmocka_unit_test(what_does_not_fit_leaves_nothing),
        cmocka_unit_test(answers),
        cmocka_unit_test(refusals_have_a_message_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
