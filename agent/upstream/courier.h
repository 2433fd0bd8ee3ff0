/* agent/upstream/courier.h - the process that talks to the network.
 *
 * Started by the warden with a link as descriptor 3 and its lock as descriptor 4 (never closed: it is held as long as we
 * live). Reads its set-up from the link, then the secrets, then gives up what it does not need, says READY and works
 * until the link ends or STOP comes. Keeps nothing on disk. See proto/link.h.
 */
#ifndef PICKET_AGENT_UPSTREAM_COURIER_H
#define PICKET_AGENT_UPSTREAM_COURIER_H

#include "platform/log.h"

enum { COURIER_LINK = 3, COURIER_LOCK = 4 };

/* Returns the exit code. */
int courier_main(enum log_level level);

#endif
