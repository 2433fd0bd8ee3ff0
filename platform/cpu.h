/* platform/cpu.h - where the time of all CPUs together went since the system started.
 *
 * A figure of its own is only what lies between two readings. The four times are ticks of one length that is not told:
 * only their ratios mean anything. Single times may go back a little from reading to reading (the kernel's estimates
 * of idle and waiting do), so compare with care.
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_cpu_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_CPU_H
#define PICKET_PLATFORM_CPU_H

#include <stdint.h>

#include "platform/err.h"

struct plat_cpu {
    uint64_t busy;   /* worked: programs, guests, kernel, interrupts */
    uint64_t idle;   /* nothing to do */
    uint64_t iowait; /* nothing to do but waiting for disks */
    uint64_t steal;  /* wanted to work, but the hypervisor ran someone else */
    uint32_t cpus;   /* logical CPUs that are online; 0: unknown */
};

struct err plat_cpu_read(struct plat_cpu *ret);
void       plat_cpu_done(void);

#endif
