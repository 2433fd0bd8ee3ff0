#include "platform/processes.h"

struct err plat_processes_read(uint64_t *ret_count)
{
    (void)ret_count;
    return err_of(ERR_UNSUPPORTED, "counting the processes");
}

void plat_processes_done(void)
{
}
