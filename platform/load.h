/* platform/load.h - how many threads run or wait to run, averaged.
 *
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_load_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_LOAD_H
#define PICKET_PLATFORM_LOAD_H

#include "platform/err.h"

/* In threads; on Linux those that wait for a disk count too. */
struct plat_load {
    double over_1_min, over_5_min, over_15_min;
};

struct err plat_load_read(struct plat_load *ret);
void       plat_load_done(void);

#endif
