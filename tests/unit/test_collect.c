#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/collect/collect.h"
#include "agent/collect/reference.h"
#include "platform/buf.h"
#include "proto/json.h"

struct check {
    struct sink             sink;
    const struct collector *collector;
    int                     samples;
};

static bool is_declared(const struct collector *c, const struct metric *metric)
{
    return metric >= c->metrics && metric < c->metrics + c->metric_count;
}

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct check *check = container_of(self, struct check, sink);
    const char   *name = sample->metric->name;

    check->samples++;
    if (!is_declared(check->collector, sample->metric))
        fail_msg("%s gives %s, which it does not declare", check->collector->name, name);
    if (!isfinite(sample->value) || sample->value < 0)
        fail_msg("%s is %f", name, sample->value);
    if (sample->metric->unit == UNIT_ONE && sample->value > 1)
        fail_msg("%s is %f", name, sample->value);
    if (sample->metric->unit == UNIT_STATE && sample->value != 0 && sample->value != 1)
        fail_msg("%s is %f", name, sample->value);
    assert_true(sample->attr_count <= ATTRS_MAX);
    for (size_t i = 0; i < sample->attr_count; i++) {
        assert_true(strlen(sample->attrs[i].key) <= ATTR_KEY_MAX);
        assert_true(strlen(sample->attrs[i].value) <= ATTR_VALUE_MAX);
        assert_true(utf8_valid(sample->attrs[i].value, strlen(sample->attrs[i].value)));
        assert_non_null(strstr(check->collector->series, sample->attrs[i].key));
    }
}

static void read_twice(const struct collector *c)
{
    static const struct timespec pause = { .tv_nsec = 250 * 1000 * 1000 };
    struct check                 check = { .sink = { on_sample }, .collector = c };
    struct err                   first = c->read(&check.sink), second;
    int                          samples = check.samples;
    char                         text[200];

    if (c->has_rates)
        nanosleep(&pause, NULL);
    check.samples = 0;
    second = c->read(&check.sink);
    if (failed(first) && first.code != ERR_UNSUPPORTED)
        fail_msg("%s: %s", c->name, err_print(first, text, sizeof text));
    assert_int_equal(first.code, second.code);
    if (!failed(second))
        assert_true(check.samples >= samples || c->has_rates); /* a disk may sleep, but nothing else disappears */
}

static void every_collector_gives_what_it_declares_or_is_unsupported(void **state)
{
    (void)state;
    for (size_t i = 0; i < collector_count; i++) {
        read_twice(collectors[i]);
        if (collectors[i]->done)
            collectors[i]->done();
    }
}

static bool is_of(const char *text, const char *characters)
{
    return text[0] && strspn(text, characters) == strlen(text);
}

static void every_name_is_well_formed_and_there_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < collector_count; i++) {
        const struct collector *c = collectors[i];

        assert_true(is_of(c->name, "abcdefghijklmnopqrstuvwxyz"));
        assert_true(c->help && c->help[0]);
        for (size_t k = 0; k < c->metric_count; k++) {
            assert_true(is_of(c->metrics[k].name, "abcdefghijklmnopqrstuvwxyz0123456789_."));
            assert_true(c->metrics[k].help && c->metrics[k].help[0] && !strpbrk(c->metrics[k].help, "|\n"));
            assert_ptr_equal(metric_find(c->metrics[k].name), &c->metrics[k]); /* so no other has this name */
        }
    }
    assert_null(metric_find("system.no.such"));
}

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    *ret_len = 0;
    if (file) {
        *ret_len = fread(text, 1, (1 << 20) - 1, file);
        fclose(file);
    }
    return text;
}

static void the_reference_is_what_the_tables_say(void **state)
{
    const char *path = PICKET_SOURCE_DIR "/docs/metrics.md";
    struct buf  want;
    size_t      len;
    char       *got;

    (void)state;
    buf_init(&want, 1 << 20);
    assert_int_equal(collectors_print_markdown(&want).code, ERR_OK);
    if (getenv("PICKET_UPDATE_DOCS")) {
        FILE *file = fopen(path, "wb");

        assert_non_null(file);
        fputs(buf_text(&want), file);
        fclose(file);
    }
    got = read_file(path, &len);
    if (strcmp(got, buf_text(&want)) != 0)
        fail_msg("%s differs from the tables; PICKET_UPDATE_DOCS=1 writes it", path);
    free(got);
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_collector_gives_what_it_declares_or_is_unsupported),
        cmocka_unit_test(every_name_is_well_formed_and_there_once),
        cmocka_unit_test(the_reference_is_what_the_tables_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
