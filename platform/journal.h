/* platform/journal.h - has the system's journal grown?
 *
 * Asking its program costs a process; this costs a few looks at its files. Thread: any that may wait for the disk.
 * Fails:  NOT_FOUND: no journal is kept here; DENIED; UNSUPPORTED: this system has none, and then always.
 */
#ifndef PICKET_PLATFORM_JOURNAL_H
#define PICKET_PLATFORM_JOURNAL_H

#include <stdint.h>

#include "platform/err.h"

/* Another number whenever entries were added, a quarter of a second later at most. */
struct err plat_journal_stamp(uint64_t *ret);

#endif
