/* platform/loop.h - an event loop, or the reason why there is none.
 *
 * uv_loop_init ends the process where it finds no descriptor for its signals; here that is a failure like any other.
 * Thread: any. On failure there is no loop.
 */
#ifndef PICKET_PLATFORM_LOOP_H
#define PICKET_PLATFORM_LOOP_H

#include <uv.h>

#include "platform/err.h"

struct err plat_loop_init(uv_loop_t *loop);

#endif
