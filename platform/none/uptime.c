#include "platform/uptime.h"

struct err plat_uptime_read(double *ret_s)
{
    (void)ret_s;
    return err_of(ERR_UNSUPPORTED, "reading the uptime");
}

void plat_uptime_done(void)
{
}
