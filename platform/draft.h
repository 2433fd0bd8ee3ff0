/* platform/draft.h - a file that appears whole or not at all.
 *
 * A draft lies beside its path as PATH.draft, readable by us alone. Publishing flushes it, puts it
 * in the path's place and flushes the folder: after a power cut there is the old file or the new
 * one. A draft that a crash left behind is replaced by the next; so a path has one writer.
 * Thread: any, one owner. Touches files and waits for the disk.
 * Fails:  as the system says; NO_SPACE, READ_ONLY, DENIED among them. The path is then as it was,
 *         except where only the last step failed: then it is new, and a power cut may undo it.
 */
#ifndef PICKET_PLATFORM_DRAFT_H
#define PICKET_PLATFORM_DRAFT_H

#include "platform/err.h"

struct plat_draft;

struct err plat_draft_open(const char *path, struct plat_draft **ret);
struct err plat_draft_write(struct plat_draft *draft, const void *bytes, size_t len);
/* Takes the draft either way. */
struct err plat_draft_publish(struct plat_draft **draft);
/* Removes it; nothing to do once it was taken. */
void plat_draft_discard(struct plat_draft **draft);

#endif
