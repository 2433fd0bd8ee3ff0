/* agent/cli/inventory_changes.h - what changed on this machine since the agent's last inventory, or in its history of them.
 *
 * Asks the running agent; where none runs, reads its database. Each prints, says what is wrong to standard error, and returns
 * EXIT_DONE or EXIT_FAILED. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_INVENTORY_CHANGES_H
#define PICKET_AGENT_CLI_INVENTORY_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

struct changes_asked {
    const char *state; /* the folder of --state, or NULL */
    int         only;  /* a section; 0: all */
    bool        json;
};

int changes_until_now(const struct changes_asked *asked);
int changes_since(const struct changes_asked *asked, int64_t from_ms);
int changes_look_again(const struct changes_asked *asked); /* the running agent takes an inventory */

#endif
