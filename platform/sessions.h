/* platform/sessions.h - how many people are logged on.
 *
 * Thread: the loop's; a few small files at most. Names stay here: only numbers come out.
 * root: as in platform/source.h.
 * Fails:  UNSUPPORTED where the system keeps no list of them; otherwise whatever it said. On failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_SESSIONS_H
#define PICKET_PLATFORM_SESSIONS_H

#include <stdint.h>

#include "platform/err.h"

struct plat_sessions {
    uint32_t local, remote; /* at the machine itself; over the network */
    uint32_t users;         /* different accounts among them */
};

struct err plat_sessions_read(const char *root, struct plat_sessions *ret);

#endif
