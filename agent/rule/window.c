#include "agent/rule/window.h"

enum { DAY_S = 86400 };

/* The day on the wall, and one more on either side: a beginning that was left out moves by hours. */
uint32_t window_left_s(const struct quiet_window *window, const struct zone *zone, int64_t at_s)
{
    const int64_t lasts_s = 60 * (int64_t)window->lasts_min;
    int64_t       local_s = at_s + zone_offset_s(zone, at_s);
    int64_t       today = local_s / DAY_S - (local_s % DAY_S < 0), left_s = 0;

    for (int64_t day = today - lasts_s / DAY_S - 2; day <= today + 1; day++) {
        int64_t begins_s;

        if (!(window->days & 1u << civil_weekday(day)))
            continue;
        begins_s = zone_moment_of(zone, day * DAY_S + 60 * (int64_t)window->start_min);
        if (begins_s <= at_s && at_s < begins_s + lasts_s && begins_s + lasts_s - at_s > left_s)
            left_s = begins_s + lasts_s - at_s;
    }
    return (uint32_t)left_s;
}
