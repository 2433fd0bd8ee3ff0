/* agent/outbox/varint.h - the small numbers of a block of samples. */
#ifndef PICKET_AGENT_OUTBOX_VARINT_H
#define PICKET_AGENT_OUTBOX_VARINT_H

#include <stdbool.h>
#include <string.h>

#include "platform/buf.h"

#define VARINT_WHOLE_MAX 4503599627370496.0 /* 2^52: differences of such doubles are exact as well */

static inline struct err varint_put(struct buf *into, uint64_t n)
{
    char   bytes[10];
    size_t len = 0;

    while (n >= 0x80) {
        bytes[len++] = (char)(n | 0x80);
        n >>= 7;
    }
    bytes[len++] = (char)n;
    return buf_add(into, bytes, len);
}

static inline struct err varint_put_signed(struct buf *into, int64_t n)
{
    return varint_put(into, ((uint64_t)n << 1) ^ (n < 0 ? UINT64_MAX : 0));
}

static inline int64_t varint_signed(uint64_t n)
{
    uint64_t bits = (n >> 1) ^ ((n & 1) ? UINT64_MAX : 0);
    int64_t  value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A value too large for a float keeps its sign and becomes the largest. */
static inline uint32_t varint_float_bits(double value)
{
    const double most = 3.402823466e38;
    float        f = (float)(value > most ? most : value < -most ? -most : value);
    uint32_t     bits;

    memcpy(&bits, &f, sizeof bits);
    return bits;
}

#endif
