/* proto/ustar.h - files in a tar archive (POSIX ustar), which every system can unpack.
 *
 * All are plain files of mode 0600 without an owner. Thread: any.
 */
#ifndef PICKET_PROTO_USTAR_H
#define PICKET_PROTO_USTAR_H

#include "platform/buf.h"

/* name: at most 99 bytes. TOO_BIG: over into's limit; what was put before is whole. */
struct err ustar_put(struct buf *into, const char *name, int64_t mtime_s, const void *bytes, size_t len);
struct err ustar_end(struct buf *into);

#endif
