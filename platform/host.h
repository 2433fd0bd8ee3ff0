/* platform/host.h - the system that was booted: its names, its settings, and which boot it is.
 *
 * Each text is "" where it cannot be told. Thread: any; files only, milliseconds at most.
 */
#ifndef PICKET_PLATFORM_HOST_H
#define PICKET_PLATFORM_HOST_H

#include <stdint.h>

#include "platform/source.h"

struct plat_host {
    char    name[256];
    char    os_name[128], os_id[32], os_version[32]; /* as in platform/machine.h */
    char    kernel[128], architecture[32];
    char    time_zone[64]; /* "Europe/Berlin" */
    char    locale[64];    /* "de_DE.UTF-8" */
    char    machine_id[33]; /* as in platform/machine.h: hash it before it is shown */
    char    boot_id[40];
    int64_t booted_ms; /* wall; 0: unknown. Moves with the clock */
};

void plat_host_read(const struct plat_source *from, struct plat_host *ret);

#endif
