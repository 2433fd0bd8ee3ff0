#include "agent/rule/flap.h"

#include <stdlib.h>
#include <string.h>

bool flaps_note_end(struct flaps **at, int64_t at_ms)
{
    struct flaps *f = *at ? *at : calloc(1, sizeof *f);
    size_t        place = 0;

    if (!f)
        return false;
    *at = f;
    if (f->on) { /* its end was told: it was calm */
        free(f);
        *at = NULL;
        return true;
    }
    while (place < f->count && f->ended_ms[place] > at_ms)
        place++;
    if (place == ARRAY_LEN(f->ended_ms))
        return true;
    if (f->count < ARRAY_LEN(f->ended_ms))
        f->count++;
    memmove(&f->ended_ms[place + 1], &f->ended_ms[place], (f->count - place - 1) * sizeof *f->ended_ms);
    f->ended_ms[place] = at_ms;
    return true;
}

void flaps_note_begin(struct flaps *f, const struct rule_flapping *rule, int64_t at_ms)
{
    size_t count = 0;

    if (!f || f->on || !rule->times)
        return;
    while (count < f->count && f->ended_ms[count] > at_ms - 1000 * (int64_t)rule->within_s)
        count++;
    if (count + 1 < rule->times)
        return;
    f->on = true;
    f->times = (uint16_t)(count + 1);
    f->first_ms = f->ended_ms[count - 1];
    f->calm_ms = 0;
}

void flaps_pass(struct flaps **at, const struct rule_flapping *rule, int64_t now_ms, uint64_t watched_ms)
{
    struct flaps *f = *at;

    if (!f)
        return;
    f->calm_ms += watched_ms;
    if (f->on || (f->count && f->ended_ms[0] > now_ms - 1000 * (int64_t)rule->within_s))
        return;
    free(f);
    *at = NULL;
}

void flaps_disturb(struct flaps *f, bool again)
{
    if (!f)
        return;
    f->calm_ms = 0;
    f->times += again && f->times < UINT16_MAX;
}

bool flaps_hold(const struct flaps *f, const struct rule_flapping *rule)
{
    return f && f->on && f->calm_ms < 1000 * (uint64_t)rule->calm_s;
}

struct rule_flapped flaps_view(const struct flaps *f, int64_t now_ms)
{
    if (!f || !f->on)
        return (struct rule_flapped){ 0, 0 };
    return (struct rule_flapped){ f->times, now_ms > f->first_ms ? (uint32_t)((now_ms - f->first_ms) / 1000) : 0 };
}
