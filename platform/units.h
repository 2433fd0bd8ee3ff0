/* platform/units.h - the services that this system's service manager knows (systemd, OpenRC), from its files.
 *
 * Whether one is at work is told by its control group (systemd) or its mark (OpenRC): one that did its work and ended is not.
 * Templates count where they were enabled with a name. Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_UNITS_H
#define PICKET_PLATFORM_UNITS_H

#include <stdbool.h>

#include "platform/source.h"

/* Lent for the call. */
struct plat_unit {
    const char *manager, *name;
    const char *start; /* "enabled", "disabled", "static" (started by others alone), "masked", "generated" */
    bool        running;
};

typedef void plat_unit_fn(void *context, const struct plat_unit *unit);

void plat_units_each(const struct plat_source *from, plat_unit_fn *each, void *context);

#endif
