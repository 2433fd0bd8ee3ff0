/* proto/record.h - a struct whose fields are told once: to a frame, back, and as JSON.
 *
 * Each kind of answer of the running agent is a struct and its rows; nothing else knows its fields.
 * Thread: any.
 */
#ifndef PICKET_PROTO_RECORD_H
#define PICKET_PROTO_RECORD_H

#include "proto/frame.h"
#include "proto/json_put.h"

enum record_kind {
    RECORD_TEXT,   /* char[size] */
    RECORD_NUMBER, /* uint64_t */
    RECORD_VALUE,  /* double; NaN is null */
    RECORD_FLAG,   /* bool */
    RECORD_TIME,   /* int64_t, wall ms; 0 is null, otherwise RFC 3339 */
};

struct record_field {
    const char      *name; /* as JSON key */
    enum record_kind kind;
    size_t           offset, size; /* size: of a text */
};

struct record {
    uint8_t                    type; /* of its frame */
    const char                *name; /* for arrays of it: "figures" */
    const struct record_field *fields;
    size_t                     field_count;
};

#define RECORD_FIELD(structure, member, kind)                                                      \
    {                                                                                              \
        #member, kind, offsetof(structure, member), sizeof(((structure *)0)->member)               \
    }

struct err record_put(const struct record *record, const void *from, struct buf *into);
/* Sets every field of into. */
struct err record_get(const struct record *record, struct frame_reader *r, void *into);
/* As one object; key NULL inside an array. */
void record_json(const struct record *record, const void *from, struct json_put *j, const char *key);

#endif
