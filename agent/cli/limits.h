/* agent/cli/limits.h - a rule's levels in words: "> 90 % for 15 min".
 *
 * Thread: any.
 */
#ifndef PICKET_AGENT_CLI_LIMITS_H
#define PICKET_AGENT_CLI_LIMITS_H

#include "agent/rule/rules.h"

enum { LIMIT_MAX = 120 };

/* "" for a level that is not set. Returns into. */
const char *limit_print(const struct rule *rule, const struct rule_level *level, char into[LIMIT_MAX]);

#endif
