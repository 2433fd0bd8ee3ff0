/* platform/kills.h - how many processes the system ended for want of memory since it started.
 *
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_kills_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure (Linux before 4.13), and then always; otherwise whatever the
 *         system said. On failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_KILLS_H
#define PICKET_PLATFORM_KILLS_H

#include <stdint.h>

#include "platform/err.h"

/* Those of containers and services that had reached a limit of their own included. */
struct err plat_kills_read(uint64_t *ret);
void       plat_kills_done(void);

#endif
