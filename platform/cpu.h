/* platform/cpu.h - where the time of the CPUs went since the system started.
 *
 * A figure of its own is only what lies between two readings. Times are ticks of one length that is not told: only their
 * ratios mean anything. Single times may go back a little from reading to reading (the kernel's estimates of idle and
 * waiting do), so compare with care.
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_cpu_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret is untouched, and each() was not called.
 */
#ifndef PICKET_PLATFORM_CPU_H
#define PICKET_PLATFORM_CPU_H

#include <stdint.h>

#include "platform/err.h"

enum plat_cpu_mode {
    PLAT_CPU_USER, /* programs, guests included */
    PLAT_CPU_NICE, /* programs of lowered priority */
    PLAT_CPU_SYSTEM,
    PLAT_CPU_IDLE,   /* nothing to do */
    PLAT_CPU_IOWAIT, /* nothing to do but waiting for disks */
    PLAT_CPU_INTERRUPT,
    PLAT_CPU_STEAL, /* wanted to work, but the hypervisor ran someone else */
    PLAT_CPU_MODES
};

struct plat_cpu {
    uint64_t ticks[PLAT_CPU_MODES];
};

struct plat_cpus {
    struct plat_cpu all;     /* of all of them together */
    uint32_t        count;   /* logical CPUs that are online; 0: unknown */
    uint32_t        missing; /* modes that this system does not tell, as bits 1 << mode; their ticks are 0 */
};

struct err plat_cpu_read(struct plat_cpus *ret);

/* Each logical CPU that is online, by its number; lent for the time of the call. */
typedef void plat_cpu_fn(void *context, uint32_t number, const struct plat_cpu *cpu);
struct err   plat_cpu_read_each(plat_cpu_fn *each, void *context);

void plat_cpu_done(void);

#endif
