/* proto/digest.h - SHA-256.
 *
 * Thread: any. Never fails.
 */
#ifndef PICKET_PROTO_DIGEST_H
#define PICKET_PROTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT_BYTES = 2 * DIGEST_BYTES + 1 };

void digest_sha256(const void *bytes, size_t len, uint8_t ret[DIGEST_BYTES]);
void digest_sha256_text(const void *bytes, size_t len, char ret[DIGEST_TEXT_BYTES]); /* lower-case hex */

/* into must have 2 * len + 1 bytes. */
void digest_hex(const uint8_t *bytes, size_t len, char *into);

#endif
