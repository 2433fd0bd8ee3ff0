#include "platform/sleep.h"

#include <errno.h>
#include <time.h>

static int64_t ms_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* CLOCK_MONOTONIC stands still while the machine sleeps, CLOCK_BOOTTIME does not; both come without a system call. */
struct err plat_sleep_read(uint64_t *ret_ms)
{
    struct timespec boot, steady;
    int64_t         slept_ms;

    if (clock_gettime(CLOCK_MONOTONIC, &steady) != 0 || clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
        return err_from_os(errno, "reading how long it slept");
    slept_ms = ms_of(&boot) - ms_of(&steady);
    *ret_ms = slept_ms > 0 ? (uint64_t)slept_ms : 0;
    return err_ok();
}
