#include "agent/replay/signal.h"

#include <math.h>
#include <string.h>

#include "platform/buf.h"

static const struct shape {
    const char      *name;
    enum signal_kind kind;
    size_t           durations;
    const char      *expected;
} shapes[] = {
    { "ramp", SIGNAL_RAMP, 1, "expected: ramp FROM TO TIME" },
    { "saw", SIGNAL_SAW, 1, "expected: saw FROM TO TIME" },
    { "pulse", SIGNAL_PULSE, 2, "expected: pulse LOW HIGH TIME TIME" },
};

static struct err shape_parse(const struct shape *shape, char *const *words, size_t count, struct signal *into)
{
    if (count != 2 + shape->durations || !word_number(words[0], &into->from) || !word_number(words[1], &into->to) ||
        !word_duration(words[2], &into->first_ms) || into->first_ms == 0 ||
        (shape->durations == 2 && (!word_duration(words[3], &into->second_ms) || into->second_ms == 0)))
        return err_of(ERR_MALFORMED, shape->expected);
    into->kind = shape->kind;
    return err_ok();
}

struct err signal_parse(char *const *words, size_t count, uint64_t now_ms, struct signal *ret)
{
    struct signal s = { .kind = SIGNAL_STEADY, .since_ms = now_ms };

    if (count > 1 && words[count - 1][0] == '~') {
        if (!word_number(words[count - 1] + 1, &s.off_by) || s.off_by < 0)
            return err_of(ERR_MALFORMED, "expected a number behind ~");
        count--;
    }
    if (count == 0)
        return err_of(ERR_MALFORMED, "expected a value");
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct err e;

        if (strcmp(words[0], shapes[i].name) != 0)
            continue;
        e = shape_parse(&shapes[i], words + 1, count - 1, &s);
        if (!failed(e))
            *ret = s;
        return e;
    }
    if (count == 1 && strcmp(words[0], "gone") == 0)
        s.kind = SIGNAL_GONE;
    else if (count == 1 && strcmp(words[0], "nan") == 0)
        s.from = NAN;
    else if (count != 1 || !word_number(words[0], &s.from))
        return err_of(ERR_MALFORMED, "expected a value: a number (0.93, 93%, 5Gi), ramp, saw, pulse, gone or nan");
    *ret = s;
    return err_ok();
}

/* SplitMix64: the same anywhere, and good enough to be off by something. From -1 to 1. */
static double next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) / 4503599627370496.0 - 1;
}

double signal_at(const struct signal *s, uint64_t now_ms, uint64_t *random)
{
    uint64_t passed = now_ms - s->since_ms;
    double   value = s->from;

    switch (s->kind) {
    case SIGNAL_RAMP:
        value = passed >= s->first_ms ? s->to : s->from + (s->to - s->from) * ((double)passed / (double)s->first_ms);
        break;
    case SIGNAL_SAW:
        value = s->from + (s->to - s->from) * ((double)(passed % s->first_ms) / (double)s->first_ms);
        break;
    case SIGNAL_PULSE:
        value = passed % (s->first_ms + s->second_ms) < s->first_ms ? s->from : s->to;
        break;
    default:
        break;
    }
    return s->off_by > 0 ? value + s->off_by * next_random(random) : value;
}
