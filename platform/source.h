/* platform/source.h - which system is looked at, and who hears what could not be read of it.
 *
 * For the readers of what changes rarely (inventory). root is "" for the running system; a folder stands for the root of
 * another one, and what only a running system can tell (addresses, what is at work) is then left out. A reader reads all
 * it can: what is not there at all is no gap, what is there and cannot be read or understood is.
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_SOURCE_H
#define PICKET_PLATFORM_SOURCE_H

#include "platform/err.h"

struct plat_source {
    const char *root;
    /* part names a source in few words: "rpm", "/etc/shadow"; lent for the call */
    void (*gap)(void *context, const char *part, struct err why);
    void *context;
};

#endif
