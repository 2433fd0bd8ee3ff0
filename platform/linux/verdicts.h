/* platform/linux/verdicts.h - what was found out about a device, so that it need not be asked at each reading.
 *
 * A reading begins, looks up every name it meets, and ends; a name that was not met is forgotten at the end, so that
 * another device under the same name is asked anew. Owns its rows; all zero is empty.
 * Thread: one owner.
 */
#ifndef PICKET_PLATFORM_LINUX_VERDICTS_H
#define PICKET_PLATFORM_LINUX_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>

enum { VERDICTS_MAX = 4096, VERDICT_NAME_MAX = 64 };

struct verdict {
    char name[VERDICT_NAME_MAX];
    int  verdict;
    bool met;
};

struct verdicts {
    struct verdict *rows;
    size_t          count, room;
    size_t          next; /* where the next name is likely: the order stays the same from reading to reading */
};

typedef int verdict_fn(const char *name);

/* From memory, or by asking, which is then remembered (but where there is no room for it, asked again next time). */
int  verdicts_get(struct verdicts *v, const char *name, verdict_fn *ask);
void verdicts_end(struct verdicts *v);
void verdicts_done(struct verdicts *v);

#endif
