#include "platform/machine.h"

struct err plat_machine_read(struct plat_machine *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "asking for the machine's names");
}
