#include "platform/hardware.h"

static void unsupported(const struct plat_source *from, const char *part)
{
    from->gap(from->context, part, err_of(ERR_UNSUPPORTED, "asking for the hardware"));
}

void plat_hardware_read(const struct plat_source *from, plat_memory_module_fn *each, void *context,
                        struct plat_hardware *ret)
{
    (void)each;
    (void)context;
    *ret = (struct plat_hardware){ .slots = 0 };
    unsupported(from, "firmware");
}

void plat_processor_read(const struct plat_source *from, struct plat_processor *ret)
{
    *ret = (struct plat_processor){ .sockets = 0 };
    unsupported(from, "processor");
}

void plat_drives_each(const struct plat_source *from, plat_drive_fn *each, void *context)
{
    (void)each;
    (void)context;
    unsupported(from, "disks");
}

uint64_t plat_visible_memory_bytes(const struct plat_source *from)
{
    (void)from;
    return 0;
}
