/* platform/clock.h - two clocks that are never mixed up.
 *
 * Wall time is for people and may jump ten years either way; nothing is decided by it. Steady time never
 * goes back and means nothing to anyone else.
 * Thread: any. Never fails.
 */
#ifndef PICKET_PLATFORM_CLOCK_H
#define PICKET_PLATFORM_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t  plat_clock_wall_ms(void);   /* Unix milliseconds, UTC */
uint64_t plat_clock_steady_ms(void);

enum { CLOCK_TEXT_BYTES = 32 };

/* "2026-01-05T10:12:00Z" (RFC 3339, UTC); years beyond 9999 print as "unknown". */
const char *plat_clock_print(int64_t wall_ms, char into[CLOCK_TEXT_BYTES]);

#endif
