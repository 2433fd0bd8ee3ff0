/* proto/nearest.h - the known name that someone probably meant.
 *
 *     struct nearest best = nearest_begin(typed, strlen(typed));
 *     for each known name: nearest_offer(&best, name);
 *     best.found is NULL, or worth a "did you mean"
 *
 * Thread: any. typed is lent; offered names are lent while found is used.
 */
#ifndef PICKET_PROTO_NEAREST_H
#define PICKET_PROTO_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *typed;
    size_t      len;
    size_t      least; /* edits to beat */
    const char *found;
};

struct nearest nearest_begin(const char *typed, size_t len);
void           nearest_offer(struct nearest *n, const char *name);

#endif
