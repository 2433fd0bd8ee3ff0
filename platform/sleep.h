/* platform/sleep.h - how long the machine has slept (suspended), since it started.
 *
 * Only the difference of two readings means something. Thread: any. Takes no time.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always. On failure *ret_ms is untouched.
 */
#ifndef PICKET_PLATFORM_SLEEP_H
#define PICKET_PLATFORM_SLEEP_H

#include <stdint.h>

#include "platform/err.h"

struct err plat_sleep_read(uint64_t *ret_ms);

#endif
