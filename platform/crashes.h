/* platform/crashes.h - what failures of the kernel left behind, and how the run of the system before this one ended.
 *
 * root: as in platform/source.h. Thread: the loop's; names and dates of a few files, milliseconds at most.
 */
#ifndef PICKET_PLATFORM_CRASHES_H
#define PICKET_PLATFORM_CRASHES_H

#include <stdint.h>

#include "platform/err.h"

/* When each record was made, in no order; one failure may leave several. UNSUPPORTED: not this system's kernel (a container),
 * or we may not look. */
typedef void plat_crash_fn(void *context, int64_t at_ms);
struct err   plat_crashes_each(const char *root, plat_crash_fn *each, void *context);

enum plat_ending { ENDING_UNKNOWN, ENDING_CLEAN, ENDING_UNCLEAN };

/* By what the system itself recorded, which many no longer do. booted_ms: when this run began. */
enum plat_ending plat_ending_read(const char *root, int64_t booted_ms);

#endif
