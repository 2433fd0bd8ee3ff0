/* platform/loop.h - an event loop, or the reason why there is none.
 *
 * uv_loop_init ends the process where it finds no descriptor for its signals; here that is a failure like any other.
 * Where a loop that runs cannot grow for want of memory libuv aborts, which looks like a crash: from the first of these
 * calls on the process says so and ends with LOOP_NO_MEMORY.
 * Thread: any. On failure there is no loop.
 */
#ifndef PICKET_PLATFORM_LOOP_H
#define PICKET_PLATFORM_LOOP_H

#include <uv.h>

#include "platform/err.h"

enum { LOOP_NO_MEMORY = 3 }; /* to a monitoring system, that the state is unknown */

struct err plat_loop_init(uv_loop_t *loop);

#endif
