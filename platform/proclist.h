/* platform/proclist.h - every process, one after the other: what it is called, and what it took so far.
 *
 * Dear: a look at each process, some three system calls. For who asks, not for each reading.
 * Never what a process was started with: command lines and environments hold passwords.
 * Thread: the loop's; some tens of milliseconds with thousands of processes. Keeps nothing open.
 * Fails:  UNSUPPORTED where the system does not show those of others to us, and then always; otherwise whatever the system
 *         said; some were then already given. One that ended meanwhile is left out.
 */
#ifndef PICKET_PLATFORM_PROCLIST_H
#define PICKET_PLATFORM_PROCLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

enum { PLAT_PROCESS_NAME_MAX = 64 };

/* Lent for the time of the call. */
struct plat_process {
    uint64_t    id;
    const char *name;         /* as the system calls it: on Linux at most 15 bytes, which the process may choose */
    uint64_t    began;        /* tells one from a later one with the same id; of no known unit */
    uint64_t    cpu_ms;       /* of all its threads; only grows */
    uint64_t    memory_bytes; /* in main memory, what it shares with others included */
    bool        defunct;      /* it ended, and whoever started it has not asked how */
};

/* In the order of their ids where the system lists them so, as Linux does. */
typedef void plat_process_fn(void *context, const struct plat_process *process);
struct err   plat_proclist_read(plat_process_fn *each, void *context);

#endif
