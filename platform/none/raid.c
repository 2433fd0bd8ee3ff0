#include "platform/raid.h"

struct err plat_raid_read(plat_raid_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "looking for software RAID");
}

void plat_raid_done(void)
{
}
