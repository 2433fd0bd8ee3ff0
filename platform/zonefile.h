/* platform/zonefile.h - the system's description of a time zone (TZif; proto/zone.h reads it).
 *
 * Thread: any that may wait for the disk. name NULL is the machine's own zone.
 */
#ifndef PICKET_PLATFORM_ZONEFILE_H
#define PICKET_PLATFORM_ZONEFILE_H

#include "platform/buf.h"

/* Which file it was: another one, or another content, has another mark. */
struct plat_zone_mark {
    uint64_t device, inode, size;
    int64_t  changed_ns;
};

/* NOT_FOUND: there is no zone of that name here, or the machine names none (then it is UTC); TOO_BIG over into->limit. The mark
 * alone with into NULL. On failure nothing is changed. */
struct err plat_zone_read(const char *name, struct buf *into, struct plat_zone_mark *ret);

#endif
