#include "platform/fserrors.h"

struct err plat_fserrors_read(const struct plat_fserrors_listener *listener)
{
    (void)listener;
    return err_of(ERR_UNSUPPORTED, "reading what file systems found wrong");
}
