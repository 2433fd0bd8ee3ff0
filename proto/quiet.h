/* proto/quiet.h - when a rule is silent though it has something to say.
 *
 * After boot and resume, and inside maintenance windows, what changes is held; the state at the end speaks. After an alert
 * was cleared, its rule's cool-down holds the next one.
 * Ownership: a configuration's. Thread: any, one owner.
 */
#ifndef PICKET_PROTO_QUIET_H
#define PICKET_PROTO_QUIET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUIET_WINDOWS_MAX = 16, QUIET_GRACE_MAX_S = 86400, QUIET_WINDOW_MAX_MIN = 7 * 24 * 60 };

/* Begins at a local time on each of its days, and lasts so long by the clock that counts every second: a change to summer time
 * within it makes it neither longer nor shorter. A beginning that the wall leaves out is the leap; one that it shows twice, the
 * first. */
struct quiet_window {
    const char *name;
    const char *zone;  /* "Europe/Berlin"; NULL: the machine's */
    const char *rules; /* "disk-* cpu-busy": names as globs, parted by blanks; NULL: all */
    unsigned    days;  /* bit 0: Monday */
    uint32_t    start_min; /* of the day */
    uint32_t    lasts_min;
};

enum quiet_own { QUIET_OWN_BOOT = 1, QUIET_OWN_RESUME = 2 };

struct rule_quiet {
    unsigned own; /* what a built-in rule sets for itself; the rest is the configuration's */
    uint32_t after_boot_s, after_resume_s;
    uint32_t cool_down_s; /* after an alert was cleared */
    bool     through_windows; /* speaks in maintenance windows as well */
};

#endif
