#include "platform/disks.h"

struct err plat_disks_read(plat_disk_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "reading the disks' counters");
}

void plat_disks_done(void)
{
}
