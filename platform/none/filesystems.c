#include "platform/filesystems.h"

struct err plat_filesystems_read(plat_filesystem_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "reading the list of file systems");
}

void plat_filesystems_done(void)
{
}
