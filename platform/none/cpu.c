#include "platform/cpu.h"

static const char step[] = "reading the CPUs' times";

struct err plat_cpu_read(struct plat_cpus *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, step);
}

struct err plat_cpu_read_each(plat_cpu_fn *each, void *context)
{
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, step);
}

void plat_cpu_done(void)
{
}
