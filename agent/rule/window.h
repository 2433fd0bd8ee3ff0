/* agent/rule/window.h - is it time for maintenance?
 *
 * Pure: the time and the zone are handed in. Thread: any.
 */
#ifndef PICKET_AGENT_RULE_WINDOW_H
#define PICKET_AGENT_RULE_WINDOW_H

#include "proto/quiet.h"
#include "proto/zone.h"

/* 0: it is closed; else how many seconds it stays open (the longest, where it began more than once). */
uint32_t window_left_s(const struct quiet_window *window, const struct zone *zone, int64_t at_s);

#endif
