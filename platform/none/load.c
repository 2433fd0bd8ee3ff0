#include "platform/load.h"

struct err plat_load_read(struct plat_load *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading the load");
}

void plat_load_done(void)
{
}
