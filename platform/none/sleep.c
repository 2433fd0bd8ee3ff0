#include "platform/sleep.h"

struct err plat_sleep_read(uint64_t *ret_ms)
{
    (void)ret_ms;
    return err_of(ERR_UNSUPPORTED, "reading how long it slept");
}
