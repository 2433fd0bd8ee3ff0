/* agent/collect/diskline.h - how picket probe disks hands its findings to the warden: one line a disk.
 *
 *     device=sda<TAB>answer=told<TAB>model=...<TAB>verdict=fine<TAB>wear=0.03<TAB>error.crc=0...
 *
 * Pure. The lines come from a process of ours, but that one talked to disks: what does not parse is MALFORMED, keys that
 * are not known are passed over.
 * Thread: any.
 */
#ifndef PICKET_AGENT_COLLECT_DISKLINE_H
#define PICKET_AGENT_COLLECT_DISKLINE_H

#include "platform/buf.h"
#include "platform/diskhealth.h"

/* With its line's end; for people also why a disk did not tell. */
struct err diskline_print(const struct plat_disk_health *disk, struct buf *into);

/* Without a line's end; line needs no NUL. */
struct err diskline_parse(const char *line, size_t len, struct plat_disk_health *ret);

#endif
