/* agent/upstream/feed_trial.h - tries an upstream that takes samples, without leaving any.
 *
 * Sends the empty message, which a receiver must accept from whoever may send it samples. As trial.h otherwise.
 */
#ifndef PICKET_AGENT_UPSTREAM_FEED_TRIAL_H
#define PICKET_AGENT_UPSTREAM_FEED_TRIAL_H

#include "proto/link.h"

/* OK: it takes samples. Otherwise problems say what is wrong. */
struct err feed_trial_run(const struct link_setup *setup, struct problems *problems);

#endif
