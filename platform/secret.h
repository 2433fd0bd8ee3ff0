/* platform/secret.h - a secret kept in a file of its own.
 *
 * The file must be a plain one, closed to all but its owner (no right for group or others), and its owner be the
 * administrator, whoever we run as, or the courier's account. A symbolic link in the last place is refused: whoever may
 * change the link would choose what is sent to a vendor. What is checked is the opened file, not its name.
 * One line break at the end is not part of the secret. Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_SECRET_H
#define PICKET_PLATFORM_SECRET_H

#include "platform/buf.h"

enum { SECRET_MAX_BYTES = 16 * 1024 };

#define SECRET_USER "_picket" /* the courier's account */

/* into must be empty, and end with plat_secret_done. EXPOSED: others can read or change it; MALFORMED: not a plain file, empty,
 * or with a NUL in it; TOO_BIG; NOT_FOUND; DENIED: we may not read it. On failure into is empty. */
struct err plat_secret_read(const char *path, struct buf *into);

/* Its asking apart: bytes are the whole file, or more than SECRET_MAX_BYTES of it. */
struct err plat_secret_parse(const char *bytes, size_t len, struct buf *into);

/* As the administrator: could this account read it as well, folders on the way included? DENIED if not. */
struct err plat_secret_try_as(const char *path, const char *user);

/* What is wrong and the command that mends it: "/etc/picket/psa.key: others can read it; chmod 600 /etc/picket/psa.key".
 * e is what plat_secret_read or plat_secret_try_as said. Returns into. */
const char *plat_secret_remedy(const char *path, struct err e, char *into, size_t size);

/* Overwrites what it holds, then buf_done. */
void plat_secret_done(struct buf *secret);

#endif
