/* Names by OpenTelemetry's rules for Prometheus, escapes as its format wants them, and what a scraper may ask. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/collect/collect.h"
#include "proto/prometheus.h"

static void names_end_with_the_unit(void **state)
{
    static const struct {
        const char *name, *unit;
        bool        counter;
        const char *want;
    } cases[] = {
        { "system.cpu.utilization", "1", false, "system_cpu_utilization_ratio" },
        { "system.memory.usage", "By", false, "system_memory_usage_bytes" },
        { "system.network.io.rate", "By/s", false, "system_network_io_rate_bytes_per_second" },
        { "system.disk.operations.rate", "{operation}/s", false, "system_disk_operations_rate_per_second" },
        { "system.paging.faults.rate", "1/s", false, "system_paging_faults_rate_per_second" },
        { "system.cpu.logical.count", "{cpu}", false, "system_cpu_logical_count" },
        { "hw.temperature", "Cel", false, "hw_temperature_celsius" },
        { "system.linux.oom.kills", "{process}", true, "system_linux_oom_kills_total" },
        { "x.time", "s", true, "x_time_seconds_total" },
        { "x.ratio", "1", false, "x_ratio" },
        { "x.seconds.left", "s", false, "x_seconds_left" },
        { "x.bytesize", "By", false, "x_bytesize_bytes" },
        { "x.requests.total", "{request}", true, "x_requests_total" },
        { "x.share", "1", true, "x_share_total" },
        { "9lives", "", false, "_9lives" },
        { "a..b-c d\xc3\xa9", "", false, "a_b_c_d_" },
        { "", "", false, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct prometheus_family f = { cases[i].name, cases[i].unit, "", cases[i].counter };
        char                           name[PROMETHEUS_NAME_MAX];

        assert_string_equal(prometheus_name_print(&f, name), cases[i].want);
    }
}

static void a_long_name_is_cut(void **state)
{
    char                     text[400], name[PROMETHEUS_NAME_MAX];
    struct prometheus_family f = { text, "By/s", "", true };

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(strlen(prometheus_name_print(&f, name)), PROMETHEUS_NAME_MAX - 1);
}

static void every_metric_has_a_name_of_its_own(void **state)
{
    static char names[512][PROMETHEUS_NAME_MAX];
    size_t      count = 0;

    (void)state;
    for (size_t c = 0; c < collector_count; c++)
        for (size_t m = 0; m < collectors[c]->metric_count; m++) {
            const struct metric           *metric = &collectors[c]->metrics[m];
            const struct prometheus_family f = { metric->name, unit_text(metric->unit), metric->help,
                                                 metric->kind == METRIC_COUNTER };

            assert_true(count < ARRAY_LEN(names));
            prometheus_name_print(&f, names[count]);
            for (size_t i = 0; i < count; i++)
                assert_string_not_equal(names[i], names[count]);
            count++;
        }
    assert_true(count > 50);
}

static void what_would_end_a_line_or_a_text_is_escaped(void **state)
{
    static const struct prometheus_family gauge = { "x", "", "a \\ and a\nbreak, a \" stays", false };
    static const struct {
        const char *key, *value, *want;
    } cases[] = {
        { "system.filesystem.mountpoint", "/srv", "x{system_filesystem_mountpoint=\"/srv\"} 1\n" },
        { "k", "C:\\Program Files", "x{k=\"C:\\\\Program Files\"} 1\n" },
        { "k", "a \"b\"", "x{k=\"a \\\"b\\\"\"} 1\n" },
        { "k", "two\nlines", "x{k=\"two\\nlines\"} 1\n" },
        { "k", "\\n", "x{k=\"\\\\n\"} 1\n" },
        { "k", "", "x{k=\"\"} 1\n" },
        { "k", "\xc3\xa9,}{=", "x{k=\"\xc3\xa9,}{=\"} 1\n" },
        { "0k", "v", "x{_0k=\"v\"} 1\n" },
    };
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    assert_false(failed(prometheus_head_put(&gauge, &b)));
    assert_string_equal(buf_text(&b), "# HELP x a \\\\ and a\\nbreak, a \" stays\n# TYPE x gauge\n");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct otlp_attr attr = { cases[i].key, cases[i].value };

        buf_clear(&b);
        assert_false(failed(prometheus_series_put(&gauge, &attr, 1, 1, &b)));
        assert_string_equal(buf_text(&b), cases[i].want);
    }
    buf_done(&b);
}

static void values_keep_their_digits(void **state)
{
    static const struct prometheus_family counter = { "x", "", "", true };
    static const struct {
        double      value;
        const char *want;
    } cases[] = {
        { 0, "x_total 0\n" },
        { 0.25, "x_total 0.25\n" },
        { -3, "x_total -3\n" },
        { 123456789012, "x_total 123456789012\n" },
        { NAN, "x_total NaN\n" },
        { INFINITY, "x_total +Inf\n" },
        { -INFINITY, "x_total -Inf\n" },
        { 1e300, "x_total 1e+300\n" },
        { 0.1, "x_total 0.1\n" },
    };
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&b);
        assert_false(failed(prometheus_series_put(&counter, NULL, 0, cases[i].value, &b)));
        assert_string_equal(buf_text(&b), cases[i].want);
    }
    buf_done(&b);
}

static void a_limit_is_a_failure(void **state)
{
    static const struct prometheus_family gauge = { "x", "", "help", false };
    struct buf                            b;

    (void)state;
    buf_init(&b, 10);
    assert_int_equal(prometheus_head_put(&gauge, &b).code, ERR_TOO_BIG);
    buf_done(&b);
}

static void what_a_scraper_wants(void **state)
{
    static const struct {
        const char      *text;
        enum scrape_wish want;
    } cases[] = {
        { "", SCRAPE_UNFINISHED },
        { "GET /metrics HTTP/1.1\r\n", SCRAPE_UNFINISHED },
        { "GET /metrics HTTP/1.1\r\nHost: x\r\n\r", SCRAPE_UNFINISHED },
        { "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", SCRAPE_METRICS },
        { "GET /metrics HTTP/1.0\n\n", SCRAPE_METRICS },
        { "GET /metrics?name=x HTTP/1.1\r\n\r\nrest", SCRAPE_METRICS },
        { "GET / HTTP/1.1\r\n\r\n", SCRAPE_OTHER_PATH },
        { "GET /metricsx HTTP/1.1\r\n\r\n", SCRAPE_OTHER_PATH },
        { "GET /metrics/ HTTP/1.1\r\n\r\n", SCRAPE_OTHER_PATH },
        { "POST /metrics HTTP/1.1\r\n\r\n", SCRAPE_OTHER_METHOD },
        { "HEAD /metrics HTTP/1.1\r\n\r\n", SCRAPE_OTHER_METHOD },
        { "get /metrics HTTP/1.1\r\n\r\n", SCRAPE_OTHER_METHOD },
        { "GET /metrics\r\n\r\n", SCRAPE_MALFORMED },
        { "GET  /metrics HTTP/1.1\r\n\r\n", SCRAPE_MALFORMED },
        { "GET metrics HTTP/1.1\r\n\r\n", SCRAPE_MALFORMED },
        { "GET /metrics HTTP/2\r\n\r\n", SCRAPE_MALFORMED },
        { "GET /metrics HTTP/1\n\n", SCRAPE_MALFORMED },
        { "GET\r\n\r\n", SCRAPE_MALFORMED },
        { "GET \n\n", SCRAPE_MALFORMED },
        { " \n\n", SCRAPE_MALFORMED },
        { "\n\n", SCRAPE_MALFORMED },
        { "\r\n\r\n", SCRAPE_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *copy = strdup(cases[i].text); /* of its own size, for ASan */

        assert_non_null(copy);
        if (scrape_read(copy, strlen(copy)) != cases[i].want)
            fail_msg("%zu: %s", i, cases[i].text);
        free(copy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_end_with_the_unit),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(every_metric_has_a_name_of_its_own),
        cmocka_unit_test(what_would_end_a_line_or_a_text_is_escaped),
        cmocka_unit_test(values_keep_their_digits),
        cmocka_unit_test(a_limit_is_a_failure),
        cmocka_unit_test(what_a_scraper_wants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
