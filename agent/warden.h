/* agent/warden.h - the agent itself: who owns the loop and wires the parts.
 *
 *     timer -> round -> rules -> alerts -> outbox -> dispatch -> desk, or link -> courier
 *              `-> stocktake -> outbox
 *
 * Privileged where it was started so. Opens no network socket and parses nothing from the network. One thread.
 */
#ifndef PICKET_AGENT_WARDEN_H
#define PICKET_AGENT_WARDEN_H

#include "agent/state.h"
#include "platform/log.h"

struct warden_options {
    const char *config_path;    /* NULL: the usual place, which may be empty */
    const char *state_override; /* NULL: the usual place */
    const char *log_level;      /* NULL: the configuration's */
    /* After every round: for a screen. NULL: none. */
    void (*on_round)(void *context, const struct agent_state *state);
    void *context;
};

/* Runs until it is told to stop; returns the exit code. What went wrong was logged. */
int warden_run(const struct warden_options *options);

#endif
