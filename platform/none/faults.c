#include "platform/faults.h"

struct err plat_faults_read(struct plat_faults *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading the kernel's own faults");
}

void plat_ecc_read(plat_ecc_fn *each, void *context)
{
    (void)each;
    (void)context;
}
