/* agent/upstream/setup.h - from the configuration to what a courier (or a check) needs of an upstream.
 *
 * Thread: any. Nothing is read here: secrets stay paths.
 */
#ifndef PICKET_AGENT_UPSTREAM_SETUP_H
#define PICKET_AGENT_UPSTREAM_SETUP_H

#include "proto/config.h"
#include "proto/link.h"

/* Is it served by the agent itself? */
bool upstream_is_desk(const struct config_upstream *upstream);

/* Does it take samples (rather than tickets)? */
bool upstream_takes_samples(const struct config_upstream *upstream);
bool setup_takes_samples(const struct link_setup *setup);

/* i is its place in the configuration. */
void setup_fill(const struct config *config, size_t i, struct link_setup *ret);

/* SETUP for each connector upstream, then GO. */
struct err setup_print(const struct config *config, struct buf *into);

#endif
