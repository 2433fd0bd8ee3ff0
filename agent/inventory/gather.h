/* agent/inventory/gather.h - an inventory of this machine, now.
 *
 * Reads files for tens of milliseconds and takes megabytes while it does: in the agent only ever in a child of its own.
 * Thread: any that may wait for the disk. Fails only for NO_MEMORY and TOO_BIG; what could not be read is in the document.
 */
#ifndef PICKET_AGENT_INVENTORY_GATHER_H
#define PICKET_AGENT_INVENTORY_GATHER_H

#include "agent/inventory/document.h"

/* root: "" is this system; a folder stands for another one's root. into was initialised; it comes back sorted. */
struct err inventory_gather(const char *root, struct inventory *into);

#endif
