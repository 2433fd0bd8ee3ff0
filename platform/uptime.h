/* platform/uptime.h - how long the system has been running, sleep included.
 *
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_uptime_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret_s is untouched.
 */
#ifndef PICKET_PLATFORM_UPTIME_H
#define PICKET_PLATFORM_UPTIME_H

#include "platform/err.h"

struct err plat_uptime_read(double *ret_s);
void       plat_uptime_done(void);

#endif
