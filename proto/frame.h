/* proto/frame.h - length-prefixed frames between our own processes, and the fields in them.
 *
 *     u32 length of all that follows (little endian), u8 type, fields
 *     field: u8 kind (1 u64, 2 text, 3 i64, 4 f64), then 8 bytes, or u16 length and bytes
 *
 * The reader trusts nothing: lengths, kinds, order and trailing bytes are checked against what the caller asks
 * for, text is at most what the caller gives room for and must be UTF-8 without NUL. A frame that breaks a rule ends the link.
 * Thread: any.
 */
#ifndef PICKET_PROTO_FRAME_H
#define PICKET_PROTO_FRAME_H

#include "platform/buf.h"

enum { FRAME_MAX_BYTES = 64 * 1024, FRAME_HEAD_BYTES = 5 };

/* Writing: begin, put..., end. A failure sticks in the writer and comes out of frame_end; the buf is then unchanged. */
struct frame_writer {
    struct buf *into;
    size_t      start;
    struct err  err;
};
void       frame_begin(struct frame_writer *w, struct buf *into, uint8_t type);
void       frame_put_u64(struct frame_writer *w, uint64_t value);
void       frame_put_i64(struct frame_writer *w, int64_t value);
void       frame_put_f64(struct frame_writer *w, double value);
void       frame_put_text(struct frame_writer *w, const char *text); /* at most 60,000 bytes */
struct err frame_end(struct frame_writer *w);

/* Reading one whole frame's fields in order. The first failure sticks; after it every get yields 0 or "". */
struct frame_reader {
    uint8_t        type;
    const uint8_t *at, *end;
    struct err     err;
};
uint64_t   frame_get_u64(struct frame_reader *r, uint64_t max); /* over max: MALFORMED */
int64_t    frame_get_i64(struct frame_reader *r);
double     frame_get_f64(struct frame_reader *r);
void       frame_get_text(struct frame_reader *r, char *into, size_t size);
struct err frame_done(struct frame_reader *r); /* MALFORMED if fields are left */

/* Cuts the next whole frame out of received bytes. ret->at is NULL when more bytes are needed; *used is how many
 * bytes of `bytes` it took. TOO_BIG: end the link. */
struct err frame_next(const void *bytes, size_t len, struct frame_reader *ret, size_t *used);

#endif
