/* agent/cli/rules_test.h - what a policy would have made of a trace, for people and for machines. Thread: the first. */
#ifndef PICKET_AGENT_CLI_RULES_TEST_H
#define PICKET_AGENT_CLI_RULES_TEST_H

#include "agent/cli/loaded.h"
#include "agent/replay/replay.h"

/* Names, for the reader. */
struct rules_test {
    const char *policy, *trace;
    size_t      rules; /* switched on */
};

struct err rules_test_print(const struct rules_test *test, const struct replay_result *result);
struct err rules_test_json(const struct rules_test *test, const struct replay_result *result);

#endif
