/* platform/failedunits.h - which units the service manager counts as failed.
 *
 * systemd tells it over a bus of its own, and in no file. So whoever wants to know runs its program, rarely, and has the
 * output read here: asking is the caller's (platform/program.h), parsing is pure.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_FAILEDUNITS_H
#define PICKET_PLATFORM_FAILEDUNITS_H

#include <stddef.h>

#include "platform/err.h"

enum { PLAT_UNIT_NAME_MAX = 256 };

/* The program and its arguments, which end with NULL. UNSUPPORTED where the system was not started by systemd. */
struct err plat_failed_units_command(const char *const **ret_args);

/* Each failed unit, "ssh.service"; lent for the call. Those that have no file any more or are masked are passed over: nobody
 * means them to run. MALFORMED if a line is of another form; then some were already given. */
typedef void plat_failed_unit_fn(void *context, const char *name);
struct err   plat_failed_units_parse(const char *text, size_t len, plat_failed_unit_fn *each, void *context);

#endif
