#include "agent/replay/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/replay/player.h"
#include "proto/nearest.h"

/* 2026-01-05, a Monday, at eight. */
static const int64_t WALL_AT_FIRST_MS = INT64_C(1767600000000);

enum { PERIOD_MS = 60 * 1000, PERIOD_MAX_MS = 3600 * 1000, REPEAT_MAX = 100000 };

typedef struct err verb_fn(struct trace_player *p, const struct words *w);

/* ---- what a line can say ---- */

static struct err do_start(struct trace_player *p, const struct words *w)
{
    if (p->begun)
        return err_of(ERR_MALFORMED, "\"start\" stands before the first round; later it is \"clock\"");
    return word_time(w->word[1], &p->now.wall_ms) ? err_ok()
                                                  : err_of(ERR_MALFORMED, "expected a time: 2026-01-05T08:00:00Z");
}

static struct err do_zone(struct trace_player *p, const struct words *w)
{
    if (strlen(w->word[1]) >= sizeof p->zone)
        return err_of(ERR_TOO_BIG, "the zone's name is too long");
    snprintf(p->zone, sizeof p->zone, "%s", w->word[1]);
    if (p->begun)
        trace_tell(p, TRACE_ZONE);
    return err_ok();
}

static struct err do_every(struct trace_player *p, const struct words *w)
{
    uint64_t ms;

    if (!word_duration(w->word[1], &ms) || ms < 1000 || ms > PERIOD_MAX_MS)
        return err_of(ERR_MALFORMED, "expected a time from 1s to 1h");
    p->period_ms = ms;
    return err_ok();
}

static struct err do_seed(struct trace_player *p, const struct words *w)
{
    return word_count(w->word[1], UINT32_MAX, &p->random) ? err_ok() : err_of(ERR_MALFORMED, "expected a whole number");
}

static struct err time_of(const struct words *w, uint64_t *ret_ms)
{
    return word_duration(w->word[1], ret_ms) ? err_ok() : err_of(ERR_MALFORMED, "expected a time: 90s, 15m, 1h30m, 3d");
}

static struct err do_for(struct trace_player *p, const struct words *w)
{
    uint64_t   ms;
    struct err e = time_of(w, &ms);

    return failed(e) ? e : trace_pass(p, ms);
}

static struct err do_round(struct trace_player *p, const struct words *w)
{
    uint64_t   ms;
    struct err e = time_of(w, &ms);

    trace_begin(p);
    if (failed(e))
        return e;
    p->next_ms = p->now.passed_ms + ms; /* whatever was due before */
    return trace_pass(p, ms);
}

static struct err skip(struct trace_player *p, const struct words *w, enum trace_event event)
{
    uint64_t   ms;
    struct err e = time_of(w, &ms);

    if (!failed(e))
        trace_skip(p, ms, event);
    return e;
}

static struct err do_boot(struct trace_player *p, const struct words *w)
{
    return skip(p, w, TRACE_BOOT);
}

static struct err do_restart(struct trace_player *p, const struct words *w)
{
    return skip(p, w, TRACE_RESTART);
}

static struct err do_sleep(struct trace_player *p, const struct words *w)
{
    return skip(p, w, TRACE_RESUME);
}

static struct err do_stall(struct trace_player *p, const struct words *w)
{
    return skip(p, w, TRACE_STALL);
}

static struct err do_clock(struct trace_player *p, const struct words *w)
{
    int64_t ms;

    if (!word_shift(w->word[1], &ms))
        return err_of(ERR_MALFORMED, "expected how far the clock is set: +1h, -10d");
    trace_begin(p);
    p->now.wall_ms += ms;
    trace_tell(p, TRACE_CLOCK);
    return err_ok();
}

static struct err do_series(struct trace_player *p, const struct words *w)
{
    return trace_series_add(p, w);
}

static struct err do_fail(struct trace_player *p, const struct words *w)
{
    static const struct {
        const char   *name;
        enum err_code code;
    } ways[] = { { "timeout", ERR_TIMED_OUT }, { "denied", ERR_DENIED }, { "unsupported", ERR_UNSUPPORTED }, { "os", ERR_OS } };
    struct trace_source *s = trace_source_find(p, w->word[1]);
    size_t               i = w->count > 2 ? 0 : ARRAY_LEN(ways) - 1;

    if (!s)
        return err_of(ERR_NOT_FOUND, "no series is read by a collector of this name");
    while (i < ARRAY_LEN(ways) && w->count > 2 && strcmp(ways[i].name, w->word[2]) != 0)
        i++;
    if (i == ARRAY_LEN(ways))
        return err_of(ERR_MALFORMED, "expected os, timeout, denied or unsupported");
    s->failing = ways[i].code;
    return err_ok();
}

static struct err do_works(struct trace_player *p, const struct words *w)
{
    struct trace_source *s = trace_source_find(p, w->word[1]);

    if (!s)
        return err_of(ERR_NOT_FOUND, "no series is read by a collector of this name");
    s->failing = ERR_OK;
    return err_ok();
}

static struct err do_word(struct trace_player *p, const struct words *w)
{
    return p->listener.on_word ? p->listener.on_word(p->listener.context, w, &p->now) : err_ok();
}

static struct err do_repeat(struct trace_player *p, const struct words *w)
{
    if (!word_count(w->word[1], REPEAT_MAX, &p->repeat.times) || p->repeat.times == 0)
        return err_of(ERR_MALFORMED, "expected how often: repeat 20");
    if (p->repeating == TRACE_REPEAT_DEPTH)
        return err_of(ERR_TOO_BIG, "what is repeated is too deep");
    p->repeat.open = true;
    p->repeat.depth = 1;
    p->repeat.line = p->counts.lines;
    return err_ok();
}

static struct err do_end(struct trace_player *p, const struct words *w)
{
    (void)p;
    (void)w;
    return err_of(ERR_MALFORMED, "\"end\" without its \"repeat\"");
}

static const struct verb {
    const char *name;
    size_t      least, most; /* words, the verb's own included */
    verb_fn    *run;
    const char *expected;
} verbs[] = {
    { "about", 2, WORDS_MAX, do_word, "expected: about : TEXT" },
    { "device", 2, 2, do_word, "expected: device NAME" },
    { "want", 2, WORDS_MAX, do_word, "expected: want RULE INSTANCE SEVERITY raised FROM..TO ..., or want nothing" },
    { "start", 2, 2, do_start, "expected: start TIME" },
    { "zone", 2, 2, do_zone, "expected: zone NAME" },
    { "every", 2, 2, do_every, "expected: every TIME" },
    { "seed", 2, 2, do_seed, "expected: seed NUMBER" },
    { "series", 3, WORDS_MAX, do_series, "expected: series NAME METRIC [KEY=VALUE]..." },
    { "for", 2, 2, do_for, "expected: for TIME" },
    { "round", 2, 2, do_round, "expected: round TIME" },
    { "repeat", 2, 2, do_repeat, "expected: repeat NUMBER" },
    { "end", 1, 1, do_end, "expected: end" },
    { "fail", 2, 3, do_fail, "expected: fail COLLECTOR [os|timeout|denied|unsupported]" },
    { "works", 2, 2, do_works, "expected: works COLLECTOR" },
    { "boot", 2, 2, do_boot, "expected: boot TIME" },
    { "restart", 2, 2, do_restart, "expected: restart TIME" },
    { "sleep", 2, 2, do_sleep, "expected: sleep TIME" },
    { "stall", 2, 2, do_stall, "expected: stall TIME" },
    { "clock", 2, 2, do_clock, "expected: clock +TIME or -TIME" },
};

/* ---- a line ---- */

static struct err say(struct trace_player *p, struct err e, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The first one, which is the deepest, stays. */
static struct err say(struct trace_player *p, struct err e, uint64_t line, const char *format, ...)
{
    char    text[200];
    va_list args;

    if (p->why[0])
        return e;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(p->why, sizeof p->why, "line %" PRIu64 ": %s", line, text);
    return e;
}

static struct err unknown(struct trace_player *p, const char *word, uint64_t line)
{
    struct nearest best = nearest_begin(word, strlen(word));
    struct err     e = err_of(ERR_MALFORMED, "reading a trace");

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        nearest_offer(&best, verbs[i].name);
    for (size_t i = 0; i < p->series_count; i++)
        nearest_offer(&best, p->series[i].name);
    if (best.found)
        return say(p, e, line, "neither a word of traces nor a series: \"%.40s\"; \"%.40s\" perhaps?", word, best.found);
    return say(p, e, line, "neither a word of traces nor a series: \"%.40s\"", word);
}

static const struct verb *verb_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcmp(verbs[i].name, word) == 0)
            return &verbs[i];
    return NULL;
}

static struct err obey(struct trace_player *p, const struct words *w)
{
    const struct verb *verb = verb_of(w->word[0]);

    if (w->count < verb->least || w->count > verb->most)
        return err_of(ERR_MALFORMED, verb->expected);
    if (verb->run == do_series && w->count > 1 && verb_of(w->word[1]))
        return err_of(ERR_MALFORMED, "a series cannot be called like a word of traces");
    return verb->run(p, w);
}

static struct err run_line(struct trace_player *p, const char *line, size_t len, uint64_t number)
{
    struct words         w;
    struct trace_series *series;
    struct err           e = words_split(line, len, &w);

    if (++p->steps > p->rounds_max)
        e = err_of(ERR_TOO_BIG, "more lines than are played of one trace");
    if (failed(e))
        return say(p, e, number, "%s", e.step);
    if (w.count == 0)
        return e;
    if (!p->versioned) {
        p->versioned = w.count == 2 && strcmp(w.word[0], "trace") == 0 && strcmp(w.word[1], "1") == 0;
        return p->versioned ? e : say(p, err_of(ERR_MALFORMED, "reading a trace"), number, "expected \"trace 1\" first");
    }
    series = trace_series_find(p, w.word[0]);
    if (series)
        e = signal_parse(w.word + 1, w.count - 1, p->now.passed_ms, &series->signal);
    else if (verb_of(w.word[0]))
        e = obey(p, &w);
    else
        return unknown(p, w.word[0], number);
    return failed(e) ? say(p, e, number, "%s", e.step) : e;
}

/* ---- what is repeated ---- */

static bool first_word_is(const char *line, size_t len, const char *word)
{
    size_t word_len = strlen(word);

    while (len && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    return len >= word_len && memcmp(line, word, word_len) == 0 &&
           (len == word_len || memchr(" \t\r#", line[word_len], 4));
}

static struct err take_line(struct trace_player *p, const char *line, size_t len, uint64_t number);

/* A repetition within is collected and played by the same means, so ours is set aside. */
static struct err play_repeat(struct trace_player *p)
{
    struct trace_repeat mine = p->repeat;
    struct err          e = err_ok();

    p->repeating++;
    for (uint64_t n = 0; n < mine.times && !failed(e); n++) {
        const char *at = mine.body.data, *end = at + mine.body.len;
        uint64_t    number = mine.line;

        buf_init(&p->repeat.body, TRACE_REPEAT_BYTES);
        p->repeat.open = false;
        while (!failed(e) && at < end) {
            size_t len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at);

            e = take_line(p, at, len, ++number);
            at += len + 1;
        }
        buf_done(&p->repeat.body);
        if (mine.body.len == 0)
            break;
    }
    p->repeating--;
    buf_done(&mine.body);
    buf_init(&p->repeat.body, TRACE_REPEAT_BYTES);
    p->repeat.open = false;
    return e;
}

static struct err collect(struct trace_player *p, const char *line, size_t len, uint64_t number)
{
    struct err e;

    p->repeat.depth += first_word_is(line, len, "repeat");
    if (first_word_is(line, len, "end") && --p->repeat.depth == 0)
        return play_repeat(p);
    e = buf_add(&p->repeat.body, line, len);
    if (!failed(e))
        e = buf_add_byte(&p->repeat.body, '\n');
    return failed(e) ? say(p, e, number, "what is repeated is longer than %d bytes", TRACE_REPEAT_BYTES) : e;
}

static struct err take_line(struct trace_player *p, const char *line, size_t len, uint64_t number)
{
    if (p->repeat.open)
        return collect(p, line, len, number);
    p->counts.lines = number;
    return run_line(p, line, len, number);
}

/* ---- bytes ---- */

static struct err feed(struct trace_player *p, const char *at, size_t len, uint64_t *lines)
{
    const char *end = at + len;
    struct err  e = err_ok();

    while (!failed(e) && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t      part = (size_t)((stop ? stop : end) - at);

        e = buf_add(&p->line, at, part);
        if (failed(e))
            return say(p, e, *lines + 1, "longer than %d bytes", WORDS_LINE_MAX);
        at += part + (stop ? 1 : 0);
        if (!stop)
            break;
        e = take_line(p, p->line.data ? p->line.data : "", p->line.len, ++*lines);
        buf_clear(&p->line);
    }
    return e;
}

struct err trace_player_feed(struct trace_player *p, const void *bytes, size_t len)
{
    if (!failed(p->err))
        p->err = feed(p, bytes, len, &p->lines_fed);
    return p->err;
}

struct err trace_player_end(struct trace_player *p)
{
    if (!failed(p->err) && p->line.len)
        p->err = take_line(p, p->line.data, p->line.len, ++p->lines_fed);
    if (!failed(p->err) && p->repeat.open)
        p->err = say(p, err_of(ERR_MALFORMED, "reading a trace"), p->repeat.line, "\"repeat\" without its \"end\"");
    if (!failed(p->err) && !p->versioned)
        p->err = say(p, err_of(ERR_MALFORMED, "reading a trace"), 1, "expected \"trace 1\" first");
    if (failed(p->err))
        return p->err;
    trace_begin(p);
    trace_tell(p, TRACE_END);
    return p->err;
}

const char *trace_player_why(const struct trace_player *p)
{
    return p->why[0] ? p->why : err_text(p->err.code);
}

void trace_player_counts(const struct trace_player *p, struct trace_counts *ret)
{
    *ret = p->counts;
    ret->lines = p->lines_fed;
}

struct err trace_player_new(const struct trace_listener *listener, uint64_t rounds_max, struct trace_player **ret)
{
    struct trace_player *p = calloc(1, sizeof *p);

    if (!p)
        return err_of(ERR_NO_MEMORY, "reading a trace");
    p->listener = *listener;
    p->rounds_max = rounds_max;
    p->period_ms = PERIOD_MS;
    p->now.wall_ms = WALL_AT_FIRST_MS;
    p->now.zone = p->zone;
    buf_init(&p->line, WORDS_LINE_MAX);
    buf_init(&p->repeat.body, TRACE_REPEAT_BYTES);
    *ret = p;
    return err_ok();
}

void trace_player_free(struct trace_player **at)
{
    struct trace_player *p = *at;

    if (!p)
        return;
    *at = NULL;
    trace_series_done(p);
    buf_done(&p->line);
    buf_done(&p->repeat.body);
    free(p);
}
