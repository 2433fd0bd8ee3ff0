/* platform/pressure.h - for how long work had to wait for CPUs, memory or disks, since the system started.
 *
 * Thread: the loop's; milliseconds at most. Keeps its sources open between calls; plat_pressure_done closes them.
 * Fails:  UNSUPPORTED where the system has no such figure (Linux before 4.20, or one that keeps it only if told so), and
 *         then always; otherwise whatever the system said. On failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_PRESSURE_H
#define PICKET_PLATFORM_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

enum plat_pressure_on { PLAT_PRESSURE_CPU, PLAT_PRESSURE_MEMORY, PLAT_PRESSURE_IO, PLAT_PRESSURE_KINDS };

struct plat_pressure {
    uint64_t some_us; /* at least one task waited */
    uint64_t full_us; /* all that had work waited; 0 for the CPUs, where that cannot be */
};

struct err plat_pressure_read(enum plat_pressure_on what, struct plat_pressure *ret);
void       plat_pressure_done(void);

#endif
