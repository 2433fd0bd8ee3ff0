#include "platform/addresses.h"

void plat_nics_each(const struct plat_source *from, plat_nic_fn *each, void *context)
{
    (void)each;
    (void)context;
    from->gap(from->context, "interfaces", err_of(ERR_UNSUPPORTED, "listing network interfaces"));
}

void plat_ways_read(const struct plat_source *from, struct plat_ways *ret)
{
    (void)from;
    *ret = (struct plat_ways){ .gateway_count = 0 };
}
