#include "platform/pressure.h"

struct err plat_pressure_read(enum plat_pressure_on what, struct plat_pressure *ret)
{
    (void)what;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading for how long work had to wait");
}

void plat_pressure_done(void)
{
}
