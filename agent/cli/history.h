/* agent/cli/history.h - what this machine recorded, as a trace.
 *
 * Asks the running agent; where none runs, reads its database. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_HISTORY_H
#define PICKET_AGENT_CLI_HISTORY_H

#include "agent/cli/command.h"
#include "agent/replay/history.h"

enum { HISTORY_HOURS = 72 };

/* state: the folder of --state, or NULL. Says what is wrong to standard error; EXIT_DONE or EXIT_FAILED. A machine that
 * recorded nothing is a failure. */
int history_write(const struct command *command, const char *state, history_write_fn *write, void *context);

#endif
