#include "agent/replay/history.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/replay/trace.h"
#include "platform/clock.h"

enum { COLLECTORS_MAX = 128, SAMPLES_MAX = 4 * 1000 * 1000, NAME_MAX_BYTES = 1700, ROUND_MS = 1000, PERIOD_MS = 60 * 1000 };

struct kept_series {
    char     *name; /* "system.uptime", or with attributes, as a trace has them */
    size_t    collector;
    double    value;
    bool      known;  /* value was written */
    bool      fresh;  /* in this round */
    bool      is_up;
};

struct kept_sample {
    int64_t  wall_ms;
    double   value;
    uint32_t series, order;
};

struct history {
    history_write_fn   *write;
    void               *context;
    struct err          err;
    char                device[256];
    struct kept_series *series;
    size_t              series_count, series_room, series_told, last_series;
    struct kept_sample *samples;
    size_t              sample_count, sample_room;
    int64_t             last_ms; /* of the last round; 0: none yet */
    int64_t             period_ms, seen_ms[COLLECTORS_MAX]; /* of each collector, its last round */
    bool                failing[COLLECTORS_MAX];
    bool                begun;
};

/* ---- out ---- */

static void say(struct history *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct history *h, const char *format, ...)
{
    char    line[WORDS_LINE_MAX + 100];
    int     len;
    va_list args;

    if (failed(h->err))
        return;
    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof line)
        h->err = h->write(h->context, line, (size_t)len);
}

/* ---- series ---- */

static size_t collector_of(const char *metric)
{
    for (size_t c = 0; c < collector_count; c++)
        for (size_t m = 0; m < collectors[c]->metric_count; m++)
            if (strcmp(collectors[c]->metrics[m].name, metric) == 0)
                return c;
    return collector_count;
}

static bool needs_quotes(const char *text)
{
    return text[strcspn(text, " \t\r\"\\#")] != '\0' || !text[0];
}

static void put_word(struct buf *into, const char *key, const char *value)
{
    (void)buf_printf(into, " %s=", key);
    if (!needs_quotes(value)) {
        (void)buf_add_text(into, value);
        return;
    }
    (void)buf_add_byte(into, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            (void)buf_add_byte(into, '\\');
        (void)buf_add_byte(into, *value == '\n' ? ' ' : *value);
    }
    (void)buf_add_byte(into, '"');
}

static struct err name_print(const struct block_sample *s, struct buf *into)
{
    buf_clear(into);
    (void)buf_add_text(into, s->metric);
    for (size_t i = 0; i < s->attr_count; i++)
        put_word(into, s->attrs[i].key, s->attrs[i].value);
    return into->len < NAME_MAX_BYTES ? err_ok() : err_of(ERR_TOO_BIG, "a series with a long name");
}

static struct err series_add(struct history *h, const char *name, const char *metric, size_t *ret)
{
    size_t              room = h->series_room ? 2 * h->series_room : 64;
    struct kept_series *grown = h->series;
    char               *kept = strdup(name);

    if (h->series_count == h->series_room) {
        grown = realloc(h->series, room * sizeof *grown);
        if (grown) {
            h->series = grown;
            h->series_room = room;
        }
    }
    if (!kept || !grown) {
        free(kept);
        return err_of(ERR_NO_MEMORY, "writing a trace");
    }
    h->series[h->series_count] = (struct kept_series){ .name = kept,
                                                       .collector = collector_of(metric),
                                                       .is_up = strcmp(metric, "system.uptime") == 0 };
    *ret = h->series_count++;
    return err_ok();
}

/* Blocks come series by series, so the last one is most often meant. NOT_FOUND: it is left out. */
static struct err series_of(struct history *h, const struct block_sample *s, size_t *last)
{
    struct buf name;
    struct err e;

    buf_init(&name, NAME_MAX_BYTES);
    e = name_print(s, &name);
    if (!failed(e) && *last < h->series_count && strcmp(h->series[*last].name, buf_text(&name)) == 0) {
        buf_done(&name);
        return e;
    }
    *last = 0;
    while (!failed(e) && *last < h->series_count && strcmp(h->series[*last].name, buf_text(&name)) != 0)
        ++*last;
    if (!failed(e) && *last == h->series_count)
        e = h->series_count < TRACE_SERIES_MAX ? series_add(h, buf_text(&name), s->metric, last)
                                               : err_of(ERR_TOO_BIG, "more series than a trace has");
    buf_done(&name);
    return e;
}

struct err history_put(struct history *h, const struct block_sample *s)
{
    size_t              room = h->sample_room ? 2 * h->sample_room : 1024, series = h->last_series;
    struct kept_sample *grown;
    struct err          e = series_of(h, s, &series);

    if (failed(e))
        return e.code == ERR_TOO_BIG ? err_ok() : e;
    h->last_series = series;
    if (h->sample_count == h->sample_room) {
        grown = room <= SAMPLES_MAX ? realloc(h->samples, room * sizeof *grown) : NULL;
        if (!grown)
            return err_of(ERR_TOO_BIG, "writing a trace");
        h->samples = grown;
        h->sample_room = room;
    }
    h->samples[h->sample_count] = (struct kept_sample){ s->wall_ms, s->value, (uint32_t)series, (uint32_t)h->sample_count };
    h->sample_count++;
    return err_ok();
}

/* ---- rounds ---- */

static int by_time(const void *a, const void *b)
{
    const struct kept_sample *x = a, *y = b;

    if (x->wall_ms != y->wall_ms)
        return x->wall_ms < y->wall_ms ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The shortest time between two rounds. */
static int64_t period_of(const struct history *h)
{
    int64_t shortest = INT64_MAX;

    for (size_t i = 1; i < h->sample_count; i++) {
        int64_t step = h->samples[i].wall_ms - h->samples[i - 1].wall_ms;

        if (step >= ROUND_MS - 100 && step < shortest)
            shortest = step;
    }
    return shortest > 3600 * 1000 ? PERIOD_MS : (shortest + 500) / 1000 * 1000;
}

static void begin(struct history *h)
{
    char at[CLOCK_TEXT_BYTES], every[DURATION_WORD_BYTES];

    if (h->begun || h->sample_count == 0)
        return;
    h->begun = true;
    h->period_ms = period_of(h);
    say(h, "trace 1\nabout : recorded by picket\n");
    if (h->device[0])
        say(h, "device \"%s\"\n", h->device);
    h->last_ms = h->samples[0].wall_ms - h->period_ms;
    if (h->last_ms < 0)
        h->last_ms = 0;
    say(h, "start %s\nevery %s\n", plat_clock_print(h->last_ms, at), word_duration_print((uint64_t)h->period_ms, every));
}

static void tell_new_series(struct history *h)
{
    for (; h->series_told < h->series_count; h->series_told++)
        say(h, "series s%zu %s\n", h->series_told, h->series[h->series_told].name);
}

/* Time up to a round, whose first sample is at `at`. restarted: the uptime says so. */
static void tell_time(struct history *h, int64_t at_ms, bool restarted)
{
    int64_t passed_ms = at_ms - h->last_ms;
    char    text[DURATION_WORD_BYTES];

    if (passed_ms <= 0) {
        say(h, "clock -%s\n", word_duration_print((uint64_t)(h->period_ms - passed_ms), text));
        passed_ms = h->period_ms;
    }
    if (restarted || passed_ms * 2 > 5 * h->period_ms) {
        say(h, "%s %s\n", restarted ? "boot" : "stall",
            word_duration_print((uint64_t)(passed_ms > 1000 ? passed_ms - 1000 : 0), text));
        passed_ms = passed_ms > 1000 ? 1000 : passed_ms;
    }
    say(h, "round %s\n", word_duration_print((uint64_t)passed_ms, text));
    h->last_ms = at_ms;
}

static void tell_value(struct history *h, size_t i, double value)
{
    struct kept_series *s = &h->series[i];

    if (s->known && s->value == value)
        return;
    say(h, "s%zu %.9g\n", i, value);
    s->known = true;
    s->value = value;
}

/* A collector of which this round has something works; its series that are missing are gone. */
static void tell_missing(struct history *h, int64_t at_ms)
{
    for (size_t i = 0; i < h->series_count; i++)
        if (h->series[i].fresh && h->series[i].collector < collector_count) {
            size_t c = h->series[i].collector;

            if (h->failing[c])
                say(h, "works %s\n", collectors[c]->name);
            h->failing[c] = false;
            h->seen_ms[c] = at_ms;
        }
    for (size_t i = 0; i < h->series_count; i++) {
        struct kept_series *s = &h->series[i];

        if (s->known && !s->fresh && (s->collector == collector_count || h->seen_ms[s->collector] == at_ms)) {
            say(h, "s%zu gone\n", i);
            s->known = false;
        }
    }
}

static void tell_failing(struct history *h, int64_t at_ms)
{
    for (size_t c = 0; c < collector_count; c++) {
        int64_t period_ms = 1000 * (int64_t)collectors[c]->period_s;

        period_ms = period_ms > h->period_ms ? period_ms : h->period_ms;
        if (h->failing[c] || h->seen_ms[c] == 0 || at_ms - h->seen_ms[c] <= 3 * period_ms)
            continue;
        h->failing[c] = true;
        say(h, "fail %s\n", collectors[c]->name);
    }
}

/* Samples from..to are one round. */
static void tell_round(struct history *h, size_t from, size_t to)
{
    int64_t at_ms = h->samples[from].wall_ms;
    bool    restarted = false, idle = at_ms - h->last_ms > 3 * h->period_ms;

    for (size_t i = 0; i < h->series_count; i++)
        h->series[i].fresh = false;
    for (size_t i = from; i < to; i++) {
        struct kept_series *s = &h->series[h->samples[i].series];

        s->fresh = true;
        restarted = restarted || (s->is_up && s->known && h->samples[i].value < s->value);
        tell_value(h, h->samples[i].series, h->samples[i].value);
    }
    for (size_t c = 0; c < collector_count && idle; c++)
        h->seen_ms[c] = h->seen_ms[c] ? at_ms : 0; /* nobody was read meanwhile */
    tell_missing(h, at_ms);
    tell_failing(h, at_ms);
    tell_time(h, at_ms, restarted);
}

struct err history_end_stretch(struct history *h)
{
    if (h->sample_count)
        qsort(h->samples, h->sample_count, sizeof *h->samples, by_time);
    begin(h);
    tell_new_series(h);
    for (size_t from = 0, to; from < h->sample_count; from = to) {
        for (to = from + 1; to < h->sample_count && h->samples[to].wall_ms - h->samples[from].wall_ms < ROUND_MS / 2; to++)
            ;
        tell_round(h, from, to);
    }
    h->sample_count = 0;
    return h->err;
}

struct err history_new(const char *device, history_write_fn *write, void *context, struct history **ret)
{
    struct history *h = calloc(1, sizeof *h);

    assert(collector_count <= COLLECTORS_MAX);
    if (!h)
        return err_of(ERR_NO_MEMORY, "writing a trace");
    h->write = write;
    h->context = context;
    snprintf(h->device, sizeof h->device, "%s", device);
    *ret = h;
    return err_ok();
}

void history_free(struct history **at)
{
    struct history *h = *at;

    if (!h)
        return;
    *at = NULL;
    for (size_t i = 0; i < h->series_count; i++)
        free(h->series[i].name);
    free(h->series);
    free(h->samples);
    free(h);
}
