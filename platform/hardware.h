/* platform/hardware.h - what this machine is made of, as its firmware and kernel say.
 *
 * Texts are as found, without blanks around them and without what makers forgot to fill in ("To Be Filled By O.E.M.");
 * "" is unknown. Serial numbers are for root alone on most systems: where they cannot be read there is a gap.
 * Thread: any that may wait for the disk; milliseconds.
 */
#ifndef PICKET_PLATFORM_HARDWARE_H
#define PICKET_PLATFORM_HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/smbios.h"
#include "platform/source.h"

struct plat_processor {
    char     model[128], vendor[64];
    uint32_t sockets, cores, threads; /* at work; 0: unknown */
};

/* A disk, not a partition nor what is put together of disks. */
struct plat_drive {
    char     name[64]; /* "sda" */
    char     model[96], serial[96], firmware[32];
    char     bus[16];  /* "nvme", "ata", "usb", "scsi", "virtio", "mmc", "xen", ... */
    uint64_t size_bytes;
    bool     rotational, removable;
};

typedef void plat_drive_fn(void *context, const struct plat_drive *drive);
typedef void plat_memory_module_fn(void *context, const struct plat_memory_module *module);

void plat_hardware_read(const struct plat_source *from, plat_memory_module_fn *each, void *context,
                        struct plat_hardware *ret);
void plat_processor_read(const struct plat_source *from, struct plat_processor *ret);
void plat_drives_each(const struct plat_source *from, plat_drive_fn *each, void *context);

/* What the system can use, rounded down to MiB: the kernel keeps a little more or less for itself from version to version. */
uint64_t plat_visible_memory_bytes(const struct plat_source *from);

#endif
