/* agent/cli/rule_json.h - rules as JSON, as they would stand in a configuration. */
#ifndef PICKET_AGENT_CLI_RULE_JSON_H
#define PICKET_AGENT_CLI_RULE_JSON_H

#include "platform/buf.h"
#include "proto/policy.h"

struct err rules_json(const struct policy *policy, struct buf *into);

#endif
