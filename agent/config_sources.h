/* agent/config_sources.h - would the configuration's checks and logs work on this machine?
 *
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_AGENT_CONFIG_SOURCES_H
#define PICKET_AGENT_CONFIG_SOURCES_H

#include "proto/config.h"

/* May each command be run, and is there the account that is to run it? Can each log be read? Adds problems with the remedy;
 * returns whether there were any. */
bool config_sources_check(const struct config *config, struct problems *problems);

#endif
