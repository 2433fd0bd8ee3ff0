/* agent/upstream/trial.h - tries an upstream for real, without creating anything.
 *
 * For `picket config check --online`: discovery, credentials, and everything at the vendor that the settings name. Runs a
 * loop of its own until it is done. Thread: any, when no other loop runs on it.
 */
#ifndef PICKET_AGENT_UPSTREAM_TRIAL_H
#define PICKET_AGENT_UPSTREAM_TRIAL_H

#include "proto/link.h"

/* OK: it works as configured. Otherwise problems say what does not, with paths below the upstream ("settings.board");
 * TIMED_OUT after 60 s in all. */
struct err trial_run(const struct link_setup *setup, struct problems *problems);

#endif
