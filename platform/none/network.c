#include "platform/network.h"

struct err plat_network_read(plat_interface_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "reading the network interfaces' counters");
}

void plat_network_done(void)
{
}
