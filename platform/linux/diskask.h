/* platform/linux/diskask.h - the questions to one disk, by the kernel's ioctls. Inside platform/linux only.
 *
 * disk has device; the rest is filled in. Each may wait up to DISK_PATIENCE_MS a command.
 */
#ifndef PICKET_PLATFORM_LINUX_DISKASK_H
#define PICKET_PLATFORM_LINUX_DISKASK_H

#include "platform/diskhealth.h"

enum { DISK_PATIENCE_MS = 15000 };

void disk_ask_ata(int fd, struct plat_disk_health *disk);
void disk_ask_scsi(int fd, struct plat_disk_health *disk);
void disk_ask_nvme(int fd, struct plat_disk_health *disk);

/* What the system's refusal means for the disk. */
enum plat_disk_answer disk_refusal(int os);

/* Is this the name that a hypervisor gives its disks? */
bool disk_is_virtual(const char *model);

#endif
