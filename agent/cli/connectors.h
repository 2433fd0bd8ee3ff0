/* agent/cli/connectors.h - the ticket systems in the binary, for people. Thread: the first. */
#ifndef PICKET_AGENT_CLI_CONNECTORS_H
#define PICKET_AGENT_CLI_CONNECTORS_H

#include "platform/err.h"

struct err connectors_list(void);
struct err connector_show(const char *name); /* NOT_FOUND */

#endif
