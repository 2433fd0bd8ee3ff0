#include "platform/timekeeping.h"

struct err plat_timekeeping_read(struct plat_timekeeping *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "asking for the clock's state");
}
