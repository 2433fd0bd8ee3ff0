#include "platform/memory.h"

struct err plat_memory_read(struct plat_memory *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading the memory's size");
}

struct err plat_swap_read(struct plat_swap *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "reading the swap's size");
}

void plat_memory_done(void)
{
}
