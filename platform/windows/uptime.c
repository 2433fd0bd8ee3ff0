#include "platform/uptime.h"

#include <windows.h>

struct err plat_uptime_read(double *ret_s)
{
    *ret_s = (double)GetTickCount64() / 1000;
    return err_ok();
}

void plat_uptime_done(void)
{
}
