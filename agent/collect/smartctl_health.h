/* agent/collect/smartctl_health.h - how a disk is, by what a run of smartctl came to.
 *
 * Judged by the same rules as the disks that we ask ourselves (platform/smart.h). Pure. Thread: any.
 */
#ifndef PICKET_AGENT_COLLECT_SMARTCTL_HEALTH_H
#define PICKET_AGENT_COLLECT_SMARTCTL_HEALTH_H

#include "platform/diskhealth.h"
#include "platform/program.h"

/* disk has device; answer, why, health and, where they were told, model and serial are filled in. */
void smartctl_health_take(const struct plat_program_result *result, struct plat_disk_health *disk);

/* The answer, with a reason of its own; controls in it become blanks. */
void smartctl_health_say(struct plat_disk_health *disk, enum plat_disk_answer answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
