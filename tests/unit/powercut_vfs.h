/* tests/unit/powercut_vfs.h - a disk in memory, as an SQLite VFS, that can lose its power or refuse.
 *
 * What was written is seen at once, but is on the platter only after a sync. A cut drops, keeps or tears each write since
 * then, in any order; files that were made or removed since the last flush of the folder may be there or not. A sync
 * that fails loses what it should have written for good, though reading still sees it (as Linux does).
 * Thread: one. Out of memory ends the test.
 */
#ifndef PICKET_TESTS_UNIT_POWERCUT_VFS_H
#define PICKET_TESTS_UNIT_POWERCUT_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct powercut;

struct powercut *powercut_open(const char *vfs_name, uint64_t seed);
void             powercut_close(struct powercut *disk); /* no database may be open on it */

/* Before every write, truncation, sync and removal. */
typedef void powercut_step_fn(void *context);
void         powercut_on_step(struct powercut *disk, powercut_step_fn *step, void *context);

enum powercut_mode { POWERCUT_RANDOM, POWERCUT_DROP_ALL, POWERCUT_KEEP_ALL };

/* to becomes what `from` is after a cut; from goes on. They may be the same. */
void powercut_cut(const struct powercut *from, struct powercut *to, enum powercut_mode mode);

/* The call-th next call of a kind (1: the next) fails with code; sticky: and all after it. call 0: none. */
enum powercut_call { POWERCUT_WRITE, POWERCUT_SYNC, POWERCUT_READ, POWERCUT_OPEN, POWERCUT_CALLS };
void powercut_fail(struct powercut *disk, enum powercut_call kind, unsigned call, int code, bool sticky);
bool powercut_failed(const struct powercut *disk); /* since powercut_fail */

/* No file grows so that all together hold more; 0: no limit. */
void     powercut_limit(struct powercut *disk, uint64_t bytes);
uint64_t powercut_bytes(const struct powercut *disk);
void     powercut_read_only(struct powercut *disk, bool read_only);

uint64_t powercut_random(struct powercut *disk);

#endif
