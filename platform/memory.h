/* platform/memory.h - how much memory and swap this machine has.
 *
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_memory_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. On
 *         failure *ret is untouched.
 */
#ifndef PICKET_PLATFORM_MEMORY_H
#define PICKET_PLATFORM_MEMORY_H

#include <stdint.h>

#include "platform/err.h"

struct plat_memory {
    uint64_t total_bytes;     /* fitted and visible to the system; never 0 */
    uint64_t available_bytes; /* what a new program could get without swapping; at most total */
};

/* Swap space, page file. total_bytes 0: there is none, which is no failure. */
struct plat_swap {
    uint64_t total_bytes;
    uint64_t used_bytes; /* at most total */
};

struct err plat_memory_read(struct plat_memory *ret);
struct err plat_swap_read(struct plat_swap *ret);
void       plat_memory_done(void); /* of both */

#endif
