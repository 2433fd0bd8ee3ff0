/* agent/cli/rules_list.h - a policy for people, or as it would stand in a configuration. Thread: the first. */
#ifndef PICKET_AGENT_CLI_RULES_LIST_H
#define PICKET_AGENT_CLI_RULES_LIST_H

#include "agent/cli/loaded.h"

int rules_list(const struct command *command, const struct policy *policy, bool json);

#endif
