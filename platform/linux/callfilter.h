/* platform/linux/callfilter.h - which system calls a process may still make; confine.c's helper.
 *
 * A table of calls turned into a seccomp program. What is not in it fails with EPERM; running programs and looking into
 * processes end the process.
 * Thread: the first and only.
 */
#ifndef PICKET_PLATFORM_LINUX_CALLFILTER_H
#define PICKET_PLATFORM_LINUX_CALLFILTER_H

#include "platform/err.h"

/* From now on and for all threads; needs "no new privileges".
 * UNSUPPORTED: the kernel has no filters, or we have no table for this processor. */
struct err callfilter_install(void);

#endif
