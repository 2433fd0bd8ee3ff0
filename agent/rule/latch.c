#include "agent/rule/latch.h"

/* Timers fire a little early; that must not cost a hold a whole period. */
enum { SLACK_MS = 500 };

enum verdict verdict_of(enum rule_test test, const struct rule_level *level, double value)
{
    bool breach, over;

    if (!level->set)
        return VERDICT_OVER;
    switch (test) {
    case RULE_ABOVE:
        breach = value > level->raise;
        over = value <= level->clear;
        break;
    case RULE_BELOW:
        breach = value < level->raise;
        over = value >= level->clear;
        break;
    default:
        breach = value == level->raise;
        over = !breach;
    }
    return breach ? VERDICT_BREACH : over ? VERDICT_OVER : VERDICT_BETWEEN;
}

void latch_set(struct latch *latch, bool on)
{
    latch->on = on;
    latch->counting = false;
}

bool latch_step(struct latch *latch, const struct rule_level *level, enum verdict verdict,
                uint64_t now_ms, uint64_t watched_ms)
{
    enum verdict towards = latch->on ? VERDICT_OVER : VERDICT_BREACH;
    uint64_t     need_ms = 1000 * (uint64_t)(latch->on ? level->clear_for_s : level->for_s);

    if (verdict == VERDICT_UNKNOWN)
        return false;
    if (verdict != towards) {
        latch->counting = false;
        return false;
    }
    if (latch->counting) {
        latch->held_ms += watched_ms;
    } else {
        latch->counting = true;
        latch->since_ms = now_ms;
        latch->held_ms = 0;
    }
    if (latch->held_ms + SLACK_MS < need_ms)
        return false;
    latch_set(latch, !latch->on);
    return true;
}
