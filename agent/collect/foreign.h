/* agent/collect/foreign.h - disks that only smartctl can ask: behind USB bridges and RAID controllers.
 *
 * smartctl is run once a disk, after all others were asked, and where a RAID controller is there once more to list the disks
 * that it hides. No shell; a time limit for each run, and it ends with our process group. A disk that sleeps is left asleep.
 * Without foreign disks nothing is run nor looked for. Waits: for a process that does nothing else (picket probe disks).
 */
#ifndef PICKET_AGENT_COLLECT_FOREIGN_H
#define PICKET_AGENT_COLLECT_FOREIGN_H

#include "platform/diskhealth.h"

struct foreign_options {
    const char *const *programs;   /* paths of smartctl, the first that may be run is; ends with NULL */
    uint32_t           timeout_ms; /* for one run */
};

extern const struct foreign_options foreign_usual; /* where packages install it; 20 s */

/* Asks those of disks that are FOREIGN, and what their controllers hide unless its serial number is one of disks. Each that
 * was asked is told at once; lent for the call. */
void foreign_ask(const struct foreign_options *options, const struct plat_disk_health *disks, size_t count,
                 plat_disk_health_fn *each, void *context);

/* plat_disk_health_probe, and the foreign ones by smartctl. */
struct err foreign_probe(plat_disk_health_fn *each, void *context);

#endif
