/* platform/linux/drive_parse.h - what the kernel says of a disk, read. Pure. Thread: any. */
#ifndef PICKET_PLATFORM_LINUX_DRIVE_PARSE_H
#define PICKET_PLATFORM_LINUX_DRIVE_PARSE_H

#include <stddef.h>

/* Where /sys/block/NAME leads to: "nvme"; "" if it does not say. */
const char *plat_drive_bus(const char *link);

/* Vital product data page 0x80. Returns its length; 0: none. */
size_t plat_scsi_serial(const char *page, size_t len, char *into, size_t size);

/* The first "key : value" of /proc/cpuinfo; "" if there is none. */
void plat_cpuinfo_value(const char *text, const char *key, char *into, size_t size);

#endif
