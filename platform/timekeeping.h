/* platform/timekeeping.h - how far the system trusts its own clock.
 *
 * What the kernel knows: a program that keeps the time (chrony, ntpd, systemd-timesyncd) tells it. Nothing is asked over
 * the network.
 * Thread: any; returns at once.
 * Fails:  UNSUPPORTED where the clock is not this system's to keep (a container) or we may not ask; *ret is then
 *         untouched.
 */
#ifndef PICKET_PLATFORM_TIMEKEEPING_H
#define PICKET_PLATFORM_TIMEKEEPING_H

#include <stdbool.h>

#include "platform/err.h"

struct plat_timekeeping {
    bool   synchronised;
    bool   kept;            /* a program that keeps the time is at work here */
    double offset_s;        /* what is still to be corrected, without its sign */
    double maximum_error_s; /* as that program told, growing since; meaningless while not synchronised */
    double estimated_error_s;
};

struct err plat_timekeeping_read(struct plat_timekeeping *ret);

#endif
