/* platform/processes.h - how many processes there are.
 *
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_processes_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret_count is untouched.
 */
#ifndef PICKET_PLATFORM_PROCESSES_H
#define PICKET_PLATFORM_PROCESSES_H

#include <stdint.h>

#include "platform/err.h"

/* Processes, not threads; zombies and, on Linux, the kernel's own included. UNSUPPORTED where the system hides those of
 * others from us. */
struct err plat_processes_read(uint64_t *ret_count);
void       plat_processes_done(void);

#endif
