#include "platform/clock.h"

#include <stdio.h>
#include <time.h>
#include <uv.h>

int64_t plat_clock_wall_ms(void)
{
    uv_timespec64_t t;

    if (uv_clock_gettime(UV_CLOCK_REALTIME, &t) != 0)
        return 0;
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t plat_clock_steady_ms(void)
{
    return uv_hrtime() / 1000000;
}

const char *plat_clock_print(int64_t wall_ms, char into[CLOCK_TEXT_BYTES])
{
    const int64_t end_of_9999 = 253402300799999;
    time_t        t = (time_t)(wall_ms / 1000);
    struct tm     tm;

    if (wall_ms < 0 || wall_ms > end_of_9999 || !gmtime_r(&t, &tm) ||
        strftime(into, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        snprintf(into, CLOCK_TEXT_BYTES, "unknown");
    return into;
}
