/* platform/signals.h - what the system asks of a running program.
 *
 *     STOP    SIGTERM, Ctrl+C: end in an orderly way
 *     RELOAD  SIGHUP: read the configuration again
 *
 * From plat_signals_open on, writing to a closed connection is an error like any other (SIGPIPE is
 * ignored).
 * Thread: the loop's. One per process.
 */
#ifndef PICKET_PLATFORM_SIGNALS_H
#define PICKET_PLATFORM_SIGNALS_H

#include <uv.h>

#include "platform/err.h"

enum plat_signal { PLAT_SIGNAL_STOP, PLAT_SIGNAL_RELOAD };

typedef void plat_signal_fn(void *context, enum plat_signal signal);

struct plat_signals;

struct err plat_signals_open(uv_loop_t *loop, plat_signal_fn *on_signal, void *context, struct plat_signals **ret);
/* No call after it; the handles close on the loop. NULL inside is accepted. */
void plat_signals_close(struct plat_signals **signals);

#endif
