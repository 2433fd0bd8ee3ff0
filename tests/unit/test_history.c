/* Recorded samples become a trace that plays them again. */
#include "tests/unit/check.h"

#include "agent/replay/history.h"
#include "agent/replay/trace.h"

enum { AT_FIRST_S = 1767600000 }; /* 2026-01-05T08:00:00Z */

struct recorded {
    int         at_s; /* since then */
    const char *metric, *key, *attr;
    double      value;
};

static struct err keep_text(void *context, const char *text, size_t len)
{
    return buf_add(context, text, len);
}

static void put(struct history *history, const struct recorded *r)
{
    const struct attr         attr = { r->key, r->attr };
    const struct block_sample s = { .metric = r->metric,
                                    .attrs = &attr,
                                    .attr_count = r->key != NULL,
                                    .wall_ms = ((int64_t)AT_FIRST_S + r->at_s) * 1000,
                                    .value = r->value };

    assert_false(failed(history_put(history, &s)));
}

#define FS(at, place, value) { at, "system.filesystem.utilization", "system.filesystem.mountpoint", place, value }
#define UP(at, value) { at, "system.uptime", NULL, NULL, value }

static const struct {
    const char     *name;
    struct recorded samples[12];
    const char     *want; /* behind the series */
} cases[] = {
    { "a figure is told when it changes",
      { FS(0, "/", 0.5), FS(60, "/", 0.5), FS(120, "/", 0.75), UP(0, 10), UP(60, 70), UP(120, 130) },
      "s0 0.5\ns1 10\nround 1m\ns1 70\nround 1m\ns0 0.75\ns1 130\nround 1m\n" },
    { "what is missing while its collector was read is gone",
      { FS(0, "/", 0.5), FS(60, "/", 0.5), FS(120, "/", 0.5), FS(0, "/srv", 0.25), FS(120, "/srv", 0.25) },
      "s0 0.5\ns1 0.25\nround 1m\ns1 gone\nround 1m\ns1 0.25\nround 1m\n" },
    { "a collector of which nothing is kept fails, and works again",
      { FS(0, "/", 0.5), FS(300, "/", 0.5), UP(0, 1), UP(60, 61), UP(120, 121), UP(180, 181), UP(240, 241), UP(300, 301) },
      "s0 0.5\ns1 1\nround 1m\ns1 61\nround 1m\ns1 121\nround 1m\ns1 181\nround 1m\ns1 241\nfail filesystem\nround 1m\n"
      "s1 301\nworks filesystem\nround 1m\n" },
    { "a time of which nothing is known",
      { UP(0, 10), UP(60, 70), UP(3660, 3670), UP(3720, 3730) },
      "s0 10\nround 1m\ns0 70\nround 1m\ns0 3670\nstall 59m59s\nround 1s\ns0 3730\nround 1m\n" },
    { "a boot",
      { UP(0, 10000), UP(60, 10060), UP(360, 40), UP(420, 100) },
      "s0 10000\nround 1m\ns0 10060\nround 1m\ns0 40\nboot 4m59s\nround 1s\ns0 100\nround 1m\n" },
};

static void recorded_samples_become_a_trace(void **state)
{
    static const char head[] = "trace 1\nabout : recorded by picket\ndevice \"web1\"\nstart 2026-01-05T07:59:00Z\nevery 1m\n";

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history *history = NULL;
        struct buf      text;
        const char     *at;

        buf_init(&text, 100000);
        assert_false(failed(history_new("web1", keep_text, &text, &history)));
        for (size_t s = 0; s < ARRAY_LEN(cases[i].samples) && cases[i].samples[s].metric; s++)
            put(history, &cases[i].samples[s]);
        assert_false(failed(history_end_stretch(history)));
        at = buf_text(&text);
        if (strncmp(at, head, strlen(head)) != 0)
            fail_msg("%s: begins with %s", cases[i].name, at);
        for (at += strlen(head); strncmp(at, "series ", 7) == 0; at = strchr(at, '\n') + 1)
            ;
        if (strcmp(at, cases[i].want) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, at, cases[i].want);
        history_free(&history);
        buf_done(&text);
    }
}

static void a_clock_that_went_back_is_one_that_was_set(void **state)
{
    static const struct recorded before[] = { UP(3600, 10), UP(3660, 70) }, after[] = { UP(60, 130), UP(120, 190) };
    struct history              *history = NULL;
    struct buf                   text;

    (void)state;
    buf_init(&text, 100000);
    assert_false(failed(history_new("", keep_text, &text, &history)));
    put(history, &before[0]);
    put(history, &before[1]);
    assert_false(failed(history_end_stretch(history)));
    put(history, &after[0]);
    put(history, &after[1]);
    assert_false(failed(history_end_stretch(history)));
    assert_non_null(strstr(buf_text(&text), "s0 70\nround 1m\ns0 130\nclock -1h1m\nround 1m\ns0 190\nround 1m\n"));
    history_free(&history);
    buf_done(&text);
}

/* ---- names that need quotes ---- */

static struct err no_word(void *context, const struct words *words, const struct trace_now *now)
{
    (void)context;
    (void)words;
    (void)now;
    return err_ok();
}

static void no_event(void *context, enum trace_event event, const struct trace_now *now)
{
    (void)context;
    (void)event;
    (void)now;
}

static void no_round(void *context, const struct trace_now *now)
{
    (void)context;
    (void)now;
}

static void note_attr(void *context, const struct sample *sample)
{
    snprintf(context, 100, "%s", sample->attrs[0].value);
}

static void no_collector(void *context, const struct metric *metrics, size_t count, uint32_t period_s, struct err outcome)
{
    (void)context;
    (void)metrics;
    (void)count;
    (void)period_s;
    (void)outcome;
}

static void any_name_is_read_as_it_was_written(void **state)
{
    static const char *const names[] = { "/media/my disk", "a\"b", "a\\b", "#1", "=", "", "a\tb", "\xc3\xa4" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct recorded       r = FS(0, names[i], 0.5);
        char                        seen[100] = "nothing";
        const struct trace_listener listener = { no_round, note_attr, no_collector, no_round, no_event, no_word, seen };
        struct trace_player        *player = NULL;
        struct history             *history = NULL;
        struct buf                  text;

        buf_init(&text, 100000);
        assert_false(failed(history_new("", keep_text, &text, &history)));
        put(history, &r);
        assert_false(failed(history_end_stretch(history)));
        assert_false(failed(trace_player_new(&listener, 1000, &player)));
        if (failed(trace_player_feed(player, text.data, text.len)) || failed(trace_player_end(player)))
            fail_msg("\"%s\": %s", names[i], trace_player_why(player));
        assert_string_equal(seen, names[i]);
        trace_player_free(&player);
        history_free(&history);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_samples_become_a_trace),
        cmocka_unit_test(a_clock_that_went_back_is_one_that_was_set),
        cmocka_unit_test(any_name_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
