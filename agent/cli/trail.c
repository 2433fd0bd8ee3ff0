#include "agent/cli/trail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRAILS_MAX = 4096 };

struct trail {
    char    *name, *instance;
    int64_t  at_ms[TRAIL_POINTS];
    float    values[TRAIL_POINTS];
    uint32_t count; /* ever put: a ring */
};

struct trails {
    struct trail *all;
    size_t        count, room, next; /* next: where the next put probably goes */
};

struct err trails_new(struct trails **ret)
{
    struct trails *t = calloc(1, sizeof *t);

    if (!t)
        return err_of(ERR_NO_MEMORY, "keeping what was seen");
    *ret = t;
    return err_ok();
}

void trails_free(struct trails **trails)
{
    struct trails *t = *trails;

    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++) {
        free(t->all[i].name);
        free(t->all[i].instance);
    }
    free(t->all);
    free(t);
    *trails = NULL;
}

static size_t find(const struct trails *t, const char *name, const char *instance)
{
    for (size_t n = 0; n < t->count; n++) {
        size_t i = (t->next + n) % t->count;

        if (strcmp(t->all[i].instance, instance) == 0 && strcmp(t->all[i].name, name) == 0)
            return i;
    }
    return t->count;
}

static struct err add(struct trails *t, const char *name, const char *instance)
{
    size_t        room = t->room ? 2 * t->room : 64;
    struct trail *grown = t->all, made = { .name = NULL };

    if (t->count == TRAILS_MAX)
        return err_of(ERR_TOO_BIG, "keeping what was seen");
    if (t->count == t->room) {
        grown = realloc(t->all, room * sizeof *grown);
        if (!grown)
            return err_of(ERR_NO_MEMORY, "keeping what was seen");
        t->all = grown;
        t->room = room;
    }
    made.name = strdup(name);
    made.instance = strdup(instance);
    if (!made.name || !made.instance) {
        free(made.name);
        free(made.instance);
        return err_of(ERR_NO_MEMORY, "keeping what was seen");
    }
    t->all[t->count++] = made;
    return err_ok();
}

struct err trails_put(struct trails *t, const char *name, const char *instance, int64_t wall_ms, double value)
{
    size_t        i = find(t, name, instance);
    struct trail *to;
    struct err    e = err_ok();

    if (i == t->count)
        e = add(t, name, instance);
    if (failed(e))
        return e;
    to = &t->all[i];
    t->next = i + 1;
    if (to->count && wall_ms <= to->at_ms[(to->count - 1) % TRAIL_POINTS])
        return e;
    to->at_ms[to->count % TRAIL_POINTS] = wall_ms;
    to->values[to->count++ % TRAIL_POINTS] = (float)value;
    return e;
}

/* ---- drawing ---- */

/* The newest value of each column; NaN where there is none. */
static void fill(const struct trail *trail, const struct trail_look *look, float into[TRAIL_POINTS])
{
    uint32_t first = trail->count > TRAIL_POINTS ? trail->count - TRAIL_POINTS : 0;

    for (uint32_t n = first; n < trail->count; n++) {
        int64_t before_ms = look->end_ms - trail->at_ms[n % TRAIL_POINTS] + look->step_ms / 2;
        int64_t back = before_ms < 0 ? -1 : before_ms / look->step_ms;

        if (back >= 0 && back < (int64_t)look->columns)
            into[look->columns - 1 - (size_t)back] = trail->values[n % TRAIL_POINTS];
    }
}

static void find_ends(const struct trail_look *look, const float values[], float *ret_least, float *ret_most)
{
    *ret_least = 0;
    *ret_most = look->share ? 1 : 0;
    for (size_t i = 0; i < look->columns; i++) {
        *ret_least = values[i] < *ret_least ? values[i] : *ret_least;
        *ret_most = values[i] > *ret_most ? values[i] : *ret_most;
    }
}

/* A blank for what is not known; otherwise one of eight. */
static const char *mark(float value, float least, float most, bool ascii)
{
    static const char *const blocks[] = { "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
                                          "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88" };
    static const char *const letters[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
    int                      level;

    if (isnan(value))
        return " ";
    level = most > least ? (int)((value - least) / (most - least) * 7.999f) : 0;
    level = level < 0 ? 0 : level > 7 ? 7 : level;
    return ascii ? letters[level] : blocks[level];
}

void trails_draw(const struct trails *t, const char *name, const char *instance, const struct trail_look *look,
                 char *into, size_t size)
{
    size_t i = find(t, name, instance), len = 0;
    float  values[TRAIL_POINTS], least, most;

    for (size_t c = 0; c < TRAIL_POINTS; c++)
        values[c] = NAN;
    if (i < t->count)
        fill(&t->all[i], look, values);
    find_ends(look, values, &least, &most);
    for (size_t c = 0; c < look->columns; c++) {
        const char *text = mark(values[c], least, most, look->ascii);
        size_t      add = strlen(text);

        if (len + add >= size)
            break;
        memcpy(into + len, text, add);
        len += add;
    }
    into[len] = '\0';
}
