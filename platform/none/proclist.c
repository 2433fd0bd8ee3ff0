#include "platform/proclist.h"

struct err plat_proclist_read(plat_process_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "listing processes");
}
