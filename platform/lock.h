/* platform/lock.h - a lock that is held exactly as long as a process lives.
 *
 * The lock is a descriptor. Passed to a child (platform/child.h) and released here, it is the
 * child's, and whoever inherits from it: it ends with the last of them, also by a kill, and no file
 * content or process number can be stale. So the warden sees that an orphan of an earlier courier
 * is still at work. A file stays behind when the lock ends; only a held lock means anything. A
 * folder that is there can be locked as well, which needs no room on its disk.
 * Thread: any. May touch files.
 * Fails:  BUSY while another holds it; DENIED, READ_ONLY, NOT_FOUND (no such folder) as the system
 *         says.
 */
#ifndef PICKET_PLATFORM_LOCK_H
#define PICKET_PLATFORM_LOCK_H

#include "platform/err.h"

struct err plat_lock_take(const char *path, int *ret_lock);

/* Gives up our own hold; what was passed on keeps its. *lock becomes -1, and -1 is accepted. */
void plat_lock_release(int *lock);

#endif
