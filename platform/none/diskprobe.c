#include "platform/diskhealth.h"

bool plat_disk_health_is_possible(void)
{
    return false;
}

struct err plat_disk_health_probe(plat_disk_health_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "asking disks for their health");
}
