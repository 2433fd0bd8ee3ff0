#include "agent/rule/trend.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static_assert(sizeof(struct trend) <= TREND_BYTES_MAX, "what the documents promise");

enum { PAIRS_MAX = TREND_POINTS * (TREND_POINTS - 1) / 2 };

void trend_init(struct trend *t, uint32_t looks_back_s, enum trend_keeps keeps)
{
    *t = (struct trend){ .block_s = looks_back_s / TREND_POINTS, .keeps = (uint8_t)keeps, .slope = NAN };
    for (size_t i = 0; i < TREND_POINTS; i++)
        t->points[i].value = NAN;
}

/* ---- the slope ---- */

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* Returns how many there are. */
static size_t slopes_of(const struct trend *t, float slopes[PAIRS_MAX], size_t *ret_points)
{
    size_t count = 0;

    *ret_points = 0;
    for (uint32_t i = 0; i < TREND_POINTS; i++) {
        if (i == t->newest % TREND_POINTS || isnan(t->points[i].value))
            continue;
        ++*ret_points;
        for (uint32_t k = 0; k < i; k++) {
            float dt = (float)t->points[i].at_s - (float)t->points[k].at_s;

            if (k != t->newest % TREND_POINTS && !isnan(t->points[k].value) && dt != 0)
                slopes[count++] = (t->points[i].value - t->points[k].value) / dt;
        }
    }
    return count;
}

/* Towards the side it is watched for, or none. */
static float slope_of(const struct trend *t)
{
    float  slopes[PAIRS_MAX];
    size_t points, count = slopes_of(t, slopes, &points);
    float  doubted;

    if (points < TREND_POINTS_LEAST || count == 0)
        return NAN;
    qsort(slopes, count, sizeof *slopes, by_size);
    doubted = t->keeps == TREND_HIGHEST ? slopes[count - 1 - count / 5] : slopes[count / 5];
    if (t->keeps == TREND_HIGHEST ? doubted >= 0 : doubted <= 0)
        return 0;
    return slopes[count / 2];
}

/* ---- points ---- */

static void begin_block(struct trend *t, uint32_t block)
{
    uint32_t passed = block - t->newest;

    for (uint32_t b = passed > TREND_POINTS ? block - TREND_POINTS : t->newest; b++ != block;)
        t->points[b % TREND_POINTS].value = NAN;
    t->newest = block;
    if (t->keeps != TREND_LAST)
        t->slope = slope_of(t);
}

static bool is_kept(const struct trend *t, float before, float value)
{
    if (isnan(before) || t->keeps == TREND_LAST)
        return true;
    return t->keeps == TREND_LOWEST ? value < before : value > before;
}

void trend_put(struct trend *t, uint64_t at_ms, double value)
{
    uint64_t since_s, block;
    float   *kept;

    if (!t->begun) {
        t->begun = true;
        t->first_ms = at_ms;
    }
    since_s = at_ms < t->first_ms ? UINT64_MAX : (at_ms - t->first_ms) / 1000;
    block = since_s / (t->block_s ? t->block_s : 1);
    if (since_s > UINT32_MAX || block < t->newest)
        return;
    if (block > t->newest)
        begin_block(t, (uint32_t)block);
    kept = &t->points[block % TREND_POINTS].value;
    if (!is_kept(t, *kept, (float)value))
        return;
    *kept = (float)value;
    t->points[block % TREND_POINTS].at_s = (uint32_t)since_s;
}

static double since_first_s(const struct trend *t, uint64_t now_ms)
{
    return now_ms < t->first_ms ? 0 : (double)(now_ms - t->first_ms) / 1000;
}

double trend_until_s(const struct trend *t, uint64_t now_ms, double there)
{
    double newest = (double)t->points[t->newest % TREND_POINTS].value;
    double way = there - newest, passed_s = since_first_s(t, now_ms) - (double)t->points[t->newest % TREND_POINTS].at_s;

    if (isnan(newest) || isnan(t->slope))
        return NAN;
    if (t->keeps == TREND_HIGHEST ? way >= 0 : way <= 0)
        return 0;
    if (t->slope == 0 || (way > 0) != (t->slope > 0))
        return INFINITY;
    return fmax(0, way / (double)t->slope - passed_s);
}

double trend_rate(const struct trend *t, uint64_t now_ms, double now, uint32_t over_s)
{
    double now_s = since_first_s(t, now_ms), best = NAN, best_off = INFINITY;

    for (size_t i = 0; t->begun && i < TREND_POINTS; i++) {
        double ago_s = now_s - (double)t->points[i].at_s, off = fabs(ago_s - (double)over_s);

        if (isnan(t->points[i].value) || ago_s < 0.9 * (double)over_s || off >= best_off)
            continue;
        best_off = off;
        best = (now - (double)t->points[i].value) / ago_s;
    }
    return best;
}
