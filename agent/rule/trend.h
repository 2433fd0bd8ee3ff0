/* agent/rule/trend.h - what a series did in the last hours or days, in few bytes: how fast it changes, and when it gets there.
 *
 * The time looked back on is cut into blocks; of each block one point is kept: its lowest for what is to rise, its highest for
 * what is to fall, its last for a rate. So what comes and goes within a block (a log that is rotated, a file that is unpacked
 * and removed) leaves no trace, and 24 points last however often one reads.
 * Does it grow? Each two points have a slope; four fifths of them must agree on the direction. One big copy leaves half of them
 * flat, a saw-tooth that falls back at least once makes a quarter fall: both are silent. How fast? By the median of them
 * (Theil-Sen), which no single day can move.
 * Inside agent/rule only. Ownership: malloc's, an instance's. Pure; thread: any, one owner.
 */
#ifndef PICKET_AGENT_RULE_TREND_H
#define PICKET_AGENT_RULE_TREND_H

#include <stdbool.h>
#include <stdint.h>

enum { TREND_POINTS = 24, TREND_POINTS_LEAST = 12, TREND_BYTES_MAX = 256 };

enum trend_keeps { TREND_LOWEST, TREND_HIGHEST, TREND_LAST };

struct trend {
    uint32_t block_s;  /* how long a block is */
    uint8_t  keeps;    /* enum trend_keeps */
    bool     begun;
    uint32_t newest;   /* block, counted from the first */
    uint64_t first_ms; /* when block 0 began */
    float    slope;    /* a second; NaN: none, or not known yet; of the blocks before the newest */
    struct {
        float    value; /* NaN: none in that block */
        uint32_t at_s;  /* since first_ms */
    } points[TREND_POINTS];
};

/* looks_back_s at least TREND_POINTS. */
void trend_init(struct trend *t, uint32_t looks_back_s, enum trend_keeps keeps);

/* Times grow; one that does not is left out. */
void trend_put(struct trend *t, uint64_t at_ms, double value);

/* Seconds until it is there; 0: it is; INFINITY: it does not get there; NaN: too little is known. */
double trend_until_s(const struct trend *t, uint64_t now_ms, double there);

/* Change a second between now and over_s ago; NaN while that is not known. */
double trend_rate(const struct trend *t, uint64_t now_ms, double now, uint32_t over_s);

#endif
