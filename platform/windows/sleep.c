#include "platform/sleep.h"

#include <windows.h>

/* One clock goes on while the machine sleeps, the other does not. */
struct err plat_sleep_read(uint64_t *ret_ms)
{
    ULONGLONG awake = 0, all = GetTickCount64();

    if (!QueryUnbiasedInterruptTime(&awake))
        return err_of(ERR_UNSUPPORTED, "asking how long the machine slept");
    awake /= 10000;
    *ret_ms = all > awake ? all - awake : 0;
    return err_ok();
}
