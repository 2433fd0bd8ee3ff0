/* A trace plays what it says, in the time it says, and names the line where it does not make sense. */
#include "tests/unit/check.h"

#include <inttypes.h>

#include "agent/replay/signal.h"
#include "agent/replay/trace.h"
#include "platform/buf.h"

static const char HEAD[] = "trace 1\nseries d system.filesystem.utilization system.filesystem.mountpoint=/srv\n";

/* What a listener saw, as text: "+0s:0.5 +60s:0.5 resume@..." */
struct log {
    char           text[4000];
    struct trace_now now;
    bool           with_collectors;
};

static void add(struct log *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct log *l, const char *format, ...)
{
    size_t  len = strlen(l->text);
    va_list args;

    va_start(args, format);
    vsnprintf(l->text + len, sizeof l->text - len, format, args);
    va_end(args);
}

static void on_round_begin(void *context, const struct trace_now *now)
{
    struct log *l = context;

    l->now = *now;
    add(l, "%s%" PRIu64, l->text[0] ? " " : "", now->passed_ms / 1000);
}

static void on_sample(void *context, const struct sample *s)
{
    add(context, ":%.4g", s->value);
}

static void on_collector(void *context, const struct metric *metrics, size_t count, uint32_t period_s, struct err outcome)
{
    struct log *l = context;

    (void)metrics;
    (void)count;
    if (failed(outcome))
        add(l, ":%s", err_name(outcome.code));
    else if (l->with_collectors)
        add(l, ":%us", period_s);
}

static void on_round_end(void *context, const struct trace_now *now)
{
    (void)context;
    (void)now;
}

static void on_event(void *context, enum trace_event event, const struct trace_now *now)
{
    static const char *const names[] = { "begin", "boot", "restart", "resume", "stall", "clock", "zone", "end" };
    struct log              *l = context;

    l->now = *now;
    if (event != TRACE_BEGIN && event != TRACE_END)
        add(l, "%s%s", l->text[0] ? " " : "", names[event]);
}

static struct err on_word(void *context, const struct words *words, const struct trace_now *now)
{
    (void)now;
    add(context, "%s=%s ", words->word[0], words->word[words->count - 1]);
    return err_ok();
}

/* chunk: so many bytes at a time. */
static struct err play(const char *text, size_t chunk, struct log *log, char why[TRACE_WHY_MAX])
{
    const struct trace_listener listener = { on_round_begin, on_sample, on_collector, on_round_end, on_event, on_word, log };
    struct trace_player        *player;
    size_t                      len = strlen(text);
    struct err                  e = trace_player_new(&listener, 5000, &player);

    assert_false(failed(e));
    for (size_t at = 0; at < len && !failed(e); at += chunk)
        e = trace_player_feed(player, text + at, len - at < chunk ? len - at : chunk);
    if (!failed(e))
        e = trace_player_end(player);
    snprintf(why, TRACE_WHY_MAX, "%s", failed(e) ? trace_player_why(player) : "");
    trace_player_free(&player);
    return e;
}

static const struct {
    const char *name, *lines, *want;
} good[] = {
    { "a figure that stays", "d 50%\nfor 2m\n", "0:0.5 60:0.5 120:0.5" },
    { "time goes on between two lines", "d 50%\nfor 90s\nfor 30s", "0:0.5 60:0.5 120:0.5" },
    { "a period of its own", "every 10s\nd 1\nfor 20s\n", "0:1 10:1 20:1" },
    { "a ramp ends at its end", "d ramp 0 1 2m\nfor 3m\n", "0:0 60:0.5 120:1 180:1" },
    { "a saw begins again", "d saw 0 1 2m\nfor 3m\n", "0:0 60:0.5 120:0 180:0.5" },
    { "a pulse", "d pulse 0 9 1m 2m\nfor 4m\n", "0:0 60:9 120:9 180:0 240:9" },
    { "what is gone is not reported, but its collector is read", "d gone\nfor 1m\nd 1\nfor 1m\n", "0 60 120:1" },
    { "no number", "d nan\nround 1m\n", "60:nan" },
    { "a failing collector brings no samples", "d 1\nround 1m\nfail filesystem timeout\nround 1m\nworks filesystem\nround 1m\n",
      "60:1 120:TIMED_OUT 180:1" },
    { "rounds at any time", "d 1\nround 500ms\nd 2\nround 61.5s\n", "0:1 62:2" },
    { "a boot", "d 1\nfor 1m\nboot 5m\nfor 1m\n", "0:1 60:1 boot 360:1 420:1" },
    { "a restart of the agent", "d 1\nround 1m\nrestart 10s\nfor 10s\n", "60:1 restart 70:1" },
    { "a sleep", "d 1\nround 1m\nsleep 9h\nfor 1m\n", "60:1 resume 32520:1" },
    { "a stall", "d 1\nround 1m\nstall 10m\nfor 10s\n", "60:1 stall 660:1" },
    { "clock and zone", "zone Europe/Berlin\nd 1\nround 1m\nclock -1h\nzone Asia/Tokyo\nround 1m\n", "60:1 clock zone 120:1" },
    { "what is repeated", "d 1\nrepeat 2\nd 2\nround 1m\nd 3 # a comment\nround 1m\nend\n", "60:2 120:3 180:2 240:3" },
    { "within another", "repeat 2\n  d 1\n  round 1m\n  repeat 2\n    d 2\n    round 1m\n  end\nend\nd 3\nround 1m",
      "60:1 120:2 180:2 240:1 300:2 360:2 420:3" },
    { "nothing is repeated", "repeat 9\nend\nd 1\nround 1m\n", "60:1" },
    { "what others understand", "about : a b  # c\nd 1\nround 1m", "about=a b  # c  60:1" },
    { "numbers", "d 5Ki\nround 1m\nd -0.5\nround 1m\nd 1e+20\nround 1m\nd 1.5e-7\nround 1m",
      "60:5120 120:-0.5 180:1e+20 240:1.5e-07" },
};

static void a_trace_plays_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        for (size_t chunk = 1; chunk < 4000; chunk *= 7) {
            struct log log = { .text = "" };
            char       text[2000], why[TRACE_WHY_MAX];

            snprintf(text, sizeof text, "%s%s", HEAD, good[i].lines);
            play(text, chunk, &log, why);
            if (why[0])
                fail_msg("%s: %s", good[i].name, why);
            if (strcmp(log.text, good[i].want) != 0)
                fail_msg("%s: \"%s\", not \"%s\"", good[i].name, log.text, good[i].want);
        }
}

static const struct {
    const char *lines, *why;
} bad[] = {
    { "d\n", "line 3: expected a value" },
    { "d 5 6\n", "line 3: expected a value: a number (0.93, 93%, 5Gi), ramp, saw, pulse, gone or nan" },
    { "d inf\n", "line 3: expected a value: a number (0.93, 93%, 5Gi), ramp, saw, pulse, gone or nan" },
    { "d 1e999\n", "line 3: expected a value: a number (0.93, 93%, 5Gi), ramp, saw, pulse, gone or nan" },
    { "d ramp 1 2\n", "line 3: expected: ramp FROM TO TIME" },
    { "d saw 1 2 0s\n", "line 3: expected: saw FROM TO TIME" },
    { "d 1 ~-1\n", "line 3: expected a number behind ~" },
    { "\n\nfro 2m\n", "line 5: neither a word of traces nor a series: \"fro\"; \"for\" perhaps?" },
    { "for\n", "line 3: expected: for TIME" },
    { "for 2x\n", "line 3: expected a time: 90s, 15m, 1h30m, 3d" },
    { "for 11y\n", "line 3: expected a time: 90s, 15m, 1h30m, 3d" },
    { "for 600w\n", "line 3: expected a time: 90s, 15m, 1h30m, 3d" },
    { "for 5w\n", "line 3: more rounds than are played of one trace" },
    { "every 10ms\n", "line 3: expected a time from 1s to 1h" },
    { "start 2026-02-30\n", "line 3: expected a time: 2026-01-05T08:00:00Z" },
    { "for 1m\nstart 2026-02-03T00:00:00Z\n", "line 4: \"start\" stands before the first round; later it is \"clock\"" },
    { "clock 5m\n", "line 3: expected how far the clock is set: +1h, -10d" },
    { "fail nobody\n", "line 3: no series is read by a collector of this name" },
    { "fail filesystem so\n", "line 3: expected os, timeout, denied or unsupported" },
    { "series d system.uptime\n", "line 3: there is a series of this name already" },
    { "series for system.uptime\n", "line 3: a series cannot be called like a word of traces" },
    { "series e system.uptime x\n", "line 3: expected an attribute: KEY=VALUE" },
    { "series e system.uptime a=\"b\n", "line 3: a quote without its end" },
    { "repeat 0\n", "line 3: expected how often: repeat 20" },
    { "repeat 5\nd 1\n", "line 3: \"repeat\" without its \"end\"" },
    { "repeat 5\nd 1\nd x\nend\n", "line 5: expected a value: a number (0.93, 93%, 5Gi), ramp, saw, pulse, gone or nan" },
    { "end\n", "line 3: \"end\" without its \"repeat\"" },
    { "repeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nend\nend\nend\nend\nend\n", "line 7: what is repeated is too deep" },
    { "repeat 100000\nd 1\nend\n", "line 4: more lines than are played of one trace" },
};

static void a_mistake_is_named_with_its_line(void **state)
{
    char why[TRACE_WHY_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        static struct log log;
        char              text[2000];

        log.text[0] = '\0';
        snprintf(text, sizeof text, "%s%s", HEAD, bad[i].lines);
        assert_true(failed(play(text, 5, &log, why)));
        if (strcmp(why, bad[i].why) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", bad[i].lines, why, bad[i].why);
    }
    assert_true(failed(play("", 1, &(struct log){ 0 }, why)));
    assert_string_equal(why, "line 1: expected \"trace 1\" first");
    assert_true(failed(play("trace 2\n", 1, &(struct log){ 0 }, why)));
    assert_string_equal(why, "line 1: expected \"trace 1\" first");
}

/* ---- clocks ---- */

static const struct {
    const char *lines;
    uint64_t    passed_s;
    int64_t     wall_s;   /* since the start */
    int64_t     steady_s; /* since the machine's (ten days before the trace's) */
    int64_t     up_s;
} clocks[] = {
    { "for 1h\n", 3600, 3600, 3600, 3600 },
    { "for 1h\nclock +2h\n", 3600, 10800, 3600, 3600 },
    { "for 1h\nclock -2h\n", 3600, -3600, 3600, 3600 },
    { "for 1h\nsleep 2h\n", 10800, 10800, 3600, 10800 },
    { "for 1h\nstall 2h\n", 10800, 10800, 10800, 10800 },
    { "for 1h\nrestart 2h\n", 10800, 10800, 10800, 10800 },
    { "for 1h\nboot 2h\n", 10800, 10800, 30 - 864000, 30 - 864000 },
};

static void each_clock_goes_as_a_real_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
        struct log log = { .text = "" };
        char       text[400], why[TRACE_WHY_MAX];

        snprintf(text, sizeof text, "trace 1\nstart 2024-02-29T12:00:00Z\n%s", clocks[i].lines);
        play(text, 1000, &log, why);
        assert_string_equal(why, "");
        assert_int_equal(log.now.passed_ms, clocks[i].passed_s * 1000);
        assert_int_equal(log.now.wall_ms - INT64_C(1709208000000), clocks[i].wall_s * 1000);
        assert_int_equal((int64_t)log.now.steady_ms - INT64_C(864000000), clocks[i].steady_s * 1000);
        assert_int_equal((int64_t)log.now.up_ms - INT64_C(864000000), clocks[i].up_s * 1000);
    }
}

static void slow_collectors_are_read_at_their_own_period(void **state)
{
    static const char text[] = "trace 1\nevery 10s\nseries a system.cpu.utilization\nseries b foreign.metric x=\"a b\"\na 1\nb 2\n"
                               "for 20s\n";
    struct log        log = { .text = "", .with_collectors = true };
    char              why[TRACE_WHY_MAX];

    (void)state;
    play(text, 1000, &log, why);
    assert_string_equal(why, "");
    assert_string_equal(log.text, "0:1:10s:2:10s 10:1:10s:2:10s 20:1:10s:2:10s");
}

/* ---- noise ---- */

static void noise_is_even_and_always_the_same(void **state)
{
    char          *words[] = { (char[]){ "5" }, (char[]){ "~2" } };
    struct signal  s;
    uint64_t       random = 7, again = 7;
    double         least = 9, most = 0, sum = 0;

    (void)state;
    assert_false(failed(signal_parse(words, 2, 0, &s)));
    for (int i = 0; i < 10000; i++) {
        double value = signal_at(&s, 0, &random);

        assert_true(value == signal_at(&s, 0, &again));
        least = value < least ? value : least;
        most = value > most ? value : most;
        sum += value;
    }
    assert_true(least >= 3 && least < 3.01 && most <= 7 && most > 6.99);
    assert_true(sum / 10000 > 4.95 && sum / 10000 < 5.05);
}

static void durations_read_as_they_print(void **state)
{
    static const struct {
        const char *text;
        uint64_t    ms;
    } table[] = {
        { "0s", 0 }, { "1s", 1000 }, { "1m30s", 90000 }, { "1h", 3600000 }, { "3d4h", 273600000 }, { "250ms", 250 },
    };
    char     printed[DURATION_WORD_BYTES];
    uint64_t ms;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        assert_true(word_duration(table[i].text, &ms));
        assert_int_equal(ms, table[i].ms);
        assert_string_equal(word_duration_print(ms, printed), table[i].text);
    }
    assert_true(word_duration("1.5h", &ms) && ms == 5400000);
    assert_true(word_duration("1w", &ms) && ms == 604800000);
    assert_false(word_duration("", &ms) || word_duration("5", &ms) || word_duration("h", &ms) || word_duration("1h ", &ms) ||
                 word_duration("-1h", &ms) || word_duration("1.h", &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_plays_what_it_says),
        cmocka_unit_test(a_mistake_is_named_with_its_line),
        cmocka_unit_test(each_clock_goes_as_a_real_one),
        cmocka_unit_test(slow_collectors_are_read_at_their_own_period),
        cmocka_unit_test(noise_is_even_and_always_the_same),
        cmocka_unit_test(durations_read_as_they_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
