/* platform/faults.h - what went wrong in the kernel and in the memory since the system started.
 *
 * Thread: the loop's; returns at once.
 * Fails:  UNSUPPORTED where the kernel is not this system's (a container) or tells none of it.
 */
#ifndef PICKET_PLATFORM_FAULTS_H
#define PICKET_PLATFORM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

struct plat_faults {
    uint64_t oopses;   /* failures of the kernel that it survived; where it does not count: 0 or 1 */
    uint64_t warnings; /* where has_warnings */
    bool     has_warnings;
    bool     machine_check; /* the processor reported a fault of the hardware */
};

struct err plat_faults_read(struct plat_faults *ret);

/* Each memory controller that watches over its modules (ECC). Lent for the call. */
typedef void plat_ecc_fn(void *context, const char *controller, uint64_t corrected, uint64_t uncorrected);

void plat_ecc_read(plat_ecc_fn *each, void *context);

#endif
