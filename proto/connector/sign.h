/* proto/connector/sign.h - base64, hex and HMAC. Inside proto/connector only. Thread: any. */
#ifndef PICKET_PROTO_CONNECTOR_SIGN_H
#define PICKET_PROTO_CONNECTOR_SIGN_H

#include "proto/connector/model.h"

struct err base64_add(struct buf *into, const void *bytes, size_t len);

/* HMAC of text under key, printed as the file says. */
struct err signature_add(struct buf *into, enum digest_kind digest, enum digest_print print, const struct buf *key,
                         const struct buf *text);

#endif
