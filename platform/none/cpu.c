#include "platform/cpu.h"

struct err plat_cpu_read(struct plat_cpu *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading the CPUs' times");
}

void plat_cpu_done(void)
{
}
