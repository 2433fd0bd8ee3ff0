#include <stdlib.h>
#include <string.h>

#include "agent/replay/player.h"
#include "proto/json.h"

struct trace_series *trace_series_find(const struct trace_player *p, const char *name)
{
    for (size_t i = 0; i < p->series_count; i++)
        if (strcmp(p->series[i].name, name) == 0)
            return &p->series[i];
    return NULL;
}

struct trace_source *trace_source_find(const struct trace_player *p, const char *collector)
{
    for (size_t i = 0; i < p->source_count; i++) {
        const struct trace_source *s = p->sources[i];

        if (strcmp(s->collector ? s->collector->name : s->foreign.name, collector) == 0)
            return p->sources[i];
    }
    return NULL;
}

static const struct collector *collector_of(const char *metric)
{
    for (size_t c = 0; c < collector_count; c++)
        for (size_t m = 0; m < collectors[c]->metric_count; m++)
            if (strcmp(collectors[c]->metrics[m].name, metric) == 0)
                return collectors[c];
    return NULL;
}

/* The source's own struct never moves: rules keep its metric. */
static struct err source_add(struct trace_player *p, const struct collector *collector, const char *metric)
{
    struct trace_source **grown = realloc(p->sources, (p->source_count + 1) * sizeof(struct trace_source *));
    struct trace_source  *s = calloc(1, sizeof *s);
    char                 *kept = collector ? NULL : strdup(metric);

    if (grown)
        p->sources = grown;
    if (!grown || !s || (!collector && !kept)) {
        free(s);
        free(kept);
        return err_of(ERR_NO_MEMORY, "keeping a series");
    }
    s->collector = collector;
    s->foreign = (struct metric){ .name = kept, .unit = UNIT_OPERATIONS, .help = "" };
    s->period_s = collector ? collector->period_s : 0;
    p->sources[p->source_count++] = s;
    return err_ok();
}

/* ret: its place, which stays. */
static struct err source_for(struct trace_player *p, const char *metric, size_t *ret)
{
    const struct collector *collector = collector_of(metric);
    const char             *name = collector ? collector->name : metric;
    struct err              e = err_ok();

    if (!trace_source_find(p, name)) {
        if (p->source_count == collector_count + TRACE_FOREIGN_MAX)
            return err_of(ERR_TOO_BIG, "more metrics that this version does not know than are taken");
        e = source_add(p, collector, metric);
    }
    *ret = 0;
    while (!failed(e) && p->sources[*ret] != trace_source_find(p, name))
        ++*ret;
    return e;
}

static struct err check_attr(const char *word)
{
    const char *equals = strchr(word, '=');

    if (!equals || equals == word)
        return err_of(ERR_MALFORMED, "expected an attribute: KEY=VALUE");
    if (equals - word > ATTR_KEY_MAX || strlen(equals + 1) > ATTR_VALUE_MAX)
        return err_of(ERR_TOO_BIG, "the attribute is too long");
    return utf8_valid(word, strlen(word)) ? err_ok() : err_of(ERR_MALFORMED, "an attribute that is not UTF-8");
}

/* Name and attributes in one block. */
static struct err texts_keep(struct trace_series *s, const struct words *words)
{
    size_t size = strlen(words->word[1]) + 1;
    char  *at;

    for (size_t i = 3; i < words->count; i++)
        size += strlen(words->word[i]) + 1;
    at = malloc(size);
    if (!at)
        return err_of(ERR_NO_MEMORY, "keeping a series");
    s->name = at;
    at = strcpy(at, words->word[1]) + strlen(words->word[1]) + 1;
    for (size_t i = 3; i < words->count; i++) {
        char *equals = strchr(strcpy(at, words->word[i]), '=');

        *equals = '\0';
        s->attrs[s->attr_count++] = (struct attr){ at, equals + 1 };
        at += strlen(words->word[i]) + 1;
    }
    return err_ok();
}

static struct err make_room(struct trace_player *p)
{
    size_t               room = p->series_room ? 2 * p->series_room : 32;
    struct trace_series *grown;

    if (p->series_count < p->series_room)
        return err_ok();
    if (room > TRACE_SERIES_MAX)
        return err_of(ERR_TOO_BIG, "more series than are taken");
    grown = realloc(p->series, room * sizeof *grown);
    if (!grown)
        return err_of(ERR_NO_MEMORY, "keeping a series");
    p->series = grown;
    p->series_room = room;
    return err_ok();
}

static const struct metric *metric_of(const struct trace_source *source, const char *name)
{
    return source->collector ? metric_find(name) : &source->foreign;
}

struct err trace_series_add(struct trace_player *p, const struct words *words)
{
    struct trace_series s = { .signal = { .kind = SIGNAL_GONE } };
    struct err          e = err_ok();

    if (words->count < 3)
        return err_of(ERR_MALFORMED, "expected: series NAME METRIC [KEY=VALUE]...");
    if (words->count > 3 + ATTRS_MAX)
        return err_of(ERR_TOO_BIG, "more attributes than a series has");
    if (strlen(words->word[2]) > 100)
        return err_of(ERR_TOO_BIG, "the metric's name is too long");
    if (trace_series_find(p, words->word[1]))
        return err_of(ERR_MALFORMED, "there is a series of this name already");
    for (size_t i = 3; !failed(e) && i < words->count; i++)
        e = check_attr(words->word[i]);
    if (!failed(e))
        e = make_room(p);
    if (!failed(e))
        e = source_for(p, words->word[2], &s.source);
    if (!failed(e))
        e = texts_keep(&s, words);
    if (failed(e))
        return e;
    s.metric = metric_of(p->sources[s.source], words->word[2]);
    p->series[p->series_count++] = s;
    p->counts.series = p->series_count;
    return e;
}

void trace_series_done(struct trace_player *p)
{
    for (size_t i = 0; i < p->series_count; i++)
        free(p->series[i].name);
    free(p->series);
    for (size_t i = 0; i < p->source_count; i++) {
        if (!p->sources[i]->collector)
            free((char *)(uintptr_t)p->sources[i]->foreign.name);
        free(p->sources[i]);
    }
    free(p->sources);
}
