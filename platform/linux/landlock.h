/* platform/linux/landlock.h - the kernel's file and port rules for unprivileged processes; confine.c's helper.
 *
 * Declared here and not taken from linux/landlock.h: the kernel's headers of the build machine are older than
 * the kernels we run on. Numbers and layouts are the kernel's promise to programs.
 * Thread: the first and only.
 */
#ifndef PICKET_PLATFORM_LINUX_LANDLOCK_H
#define PICKET_PLATFORM_LINUX_LANDLOCK_H

#include "platform/err.h"

/* 0: this kernel has none, or it is switched off. 1 came with 5.13, 4 (ports) with 6.7, 6 (signals) with 6.12. */
int landlock_version(void);

/* Rules that forbid everything landlock_version() can forbid; *ret is a descriptor. */
struct err landlock_begin(int version, int *ret_rules);
/* Reading path and all below it. NOT_FOUND if it is not there. */
struct err landlock_allow_reading(int rules, const char *path);
/* From now on and for all threads to come; needs "no new privileges". Takes rules. */
struct err landlock_end(int rules);

#endif
