/* Maintenance windows in local time, through the days on which the clocks change. */
#include "tests/unit/check.h"

#include "agent/rule/window.h"
#include "platform/buf.h"
#include "platform/file.h"

enum { MON = 1, TUE = 2, FRI = 16, SAT = 32, SUN = 64, DAILY = 127 };

static struct zone *zone_of(const char *name)
{
    struct zone *zone = NULL;
    struct buf   text;
    char         path[200];

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    buf_init(&text, ZONE_FILE_MAX);
    if (failed(plat_file_read(path, &text)))
        skip_because("no zone files here: install tzdata");
    assert_false(failed(zone_parse(text.data, text.len, &zone)));
    buf_done(&text);
    return zone;
}

static int64_t at(const int utc[5])
{
    return ((civil_days(utc[0], utc[1], utc[2]) * 24 + utc[3]) * 60 + utc[4]) * 60;
}

static void windows_open_and_close_by_the_clock_on_the_wall(void **state)
{
    static const struct {
        const char         *name, *zone;
        struct quiet_window window;
        int                 utc[5];
        uint32_t            left_min;
    } cases[] = {
        { "an hour in", "UTC", { .days = DAILY, .start_min = 1320, .lasts_min = 240 }, { 2026, 1, 5, 23, 0 }, 180 },
        { "after midnight", "UTC", { .days = DAILY, .start_min = 1320, .lasts_min = 240 }, { 2026, 1, 6, 1, 59 }, 1 },
        { "its first second", "UTC", { .days = DAILY, .start_min = 1320, .lasts_min = 240 }, { 2026, 1, 5, 22, 0 }, 240 },
        { "it is over", "UTC", { .days = DAILY, .start_min = 1320, .lasts_min = 240 }, { 2026, 1, 6, 2, 0 }, 0 },
        { "not yet", "UTC", { .days = DAILY, .start_min = 1320, .lasts_min = 240 }, { 2026, 1, 5, 21, 59 }, 0 },
        { "not on a Sunday", "UTC", { .days = SAT, .start_min = 120, .lasts_min = 60 }, { 2026, 1, 11, 2, 30 }, 0 },
        { "of Saturday, on Sunday", "UTC", { .days = SAT, .start_min = 1380, .lasts_min = 120 }, { 2026, 1, 11, 0, 30 }, 30 },
        { "a whole week-end", "UTC", { .days = FRI, .start_min = 1080, .lasts_min = 3660 }, { 2026, 1, 12, 6, 59 }, 1 },
        { "seven days", "UTC", { .days = MON, .start_min = 0, .lasts_min = 10080 }, { 2026, 1, 11, 23, 59 }, 1 },
        { "Saturday there, Friday here", "Pacific/Kiritimati", { .days = SAT, .start_min = 60, .lasts_min = 60 },
          { 2026, 1, 9, 11, 30 }, 30 },
        { "leap day", "UTC", { .days = TUE, .start_min = 600, .lasts_min = 60 }, { 2028, 2, 29, 10, 30 }, 30 },

        { "Berlin, winter", "Europe/Berlin", { .days = DAILY, .start_min = 120, .lasts_min = 60 }, { 2026, 1, 5, 1, 30 }, 30 },
        { "Berlin, summer", "Europe/Berlin", { .days = DAILY, .start_min = 120, .lasts_min = 60 }, { 2026, 7, 5, 0, 30 }, 30 },
        { "Berlin, through the leap: as long as ever", "Europe/Berlin",
          { .days = SUN, .start_min = 60, .lasts_min = 180 }, { 2026, 3, 29, 2, 59 }, 1 },
        { "Berlin, through the leap: over", "Europe/Berlin", { .days = SUN, .start_min = 60, .lasts_min = 180 },
          { 2026, 3, 29, 3, 0 }, 0 },
        { "Berlin, 02:30 that is left out begins at the leap", "Europe/Berlin",
          { .days = SUN, .start_min = 150, .lasts_min = 60 }, { 2026, 3, 29, 1, 0 }, 60 },
        { "Berlin, and not before it", "Europe/Berlin", { .days = SUN, .start_min = 150, .lasts_min = 60 },
          { 2026, 3, 29, 0, 59 }, 0 },
        { "Berlin, 02:30 shown twice begins at the first", "Europe/Berlin",
          { .days = SUN, .start_min = 150, .lasts_min = 45 }, { 2026, 10, 25, 0, 30 }, 45 },
        { "Berlin, and not at the second again", "Europe/Berlin", { .days = SUN, .start_min = 150, .lasts_min = 45 },
          { 2026, 10, 25, 1, 30 }, 0 },
        { "Berlin, over the hour that comes twice", "Europe/Berlin", { .days = SUN, .start_min = 60, .lasts_min = 180 },
          { 2026, 10, 25, 1, 30 }, 30 },
        { "New York, left out", "America/New_York", { .days = SUN, .start_min = 150, .lasts_min = 30 },
          { 2026, 3, 8, 7, 10 }, 20 },
        { "New York, twice", "America/New_York", { .days = SUN, .start_min = 90, .lasts_min = 30 }, { 2026, 11, 1, 5, 45 }, 15 },
        { "New York, not the second", "America/New_York", { .days = SUN, .start_min = 90, .lasts_min = 30 },
          { 2026, 11, 1, 6, 45 }, 0 },
        { "Lord Howe, half an hour left out", "Australia/Lord_Howe", { .days = SUN, .start_min = 135, .lasts_min = 30 },
          { 2026, 10, 3, 15, 45 }, 15 },
        { "Lord Howe, half an hour twice", "Australia/Lord_Howe", { .days = SUN, .start_min = 105, .lasts_min = 30 },
          { 2026, 4, 4, 15, 0 }, 15 },
        { "before there were computers", "Europe/Berlin", { .days = DAILY, .start_min = 0, .lasts_min = 1440 },
          { 1900, 1, 1, 12, 0 }, 660 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *zone = zone_of(cases[i].zone);
        uint32_t     got = window_left_s(&cases[i].window, zone, at(cases[i].utc));

        if (got != 60 * cases[i].left_min)
            fail_msg("%s: %u s left, not %u min", cases[i].name, got, cases[i].left_min);
        zone_free(&zone);
    }
}

/* However long: on every night of three years it opens once, for exactly as long as it lasts. */
static void every_night_has_its_whole_window(void **state)
{
    static const char *const  names[] = { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe" };
    const struct quiet_window window = { .days = DAILY, .start_min = 150, .lasts_min = 95 };

    (void)state;
    for (size_t z = 0; z < ARRAY_LEN(names); z++) {
        struct zone *zone = zone_of(names[z]);
        int64_t      begin = civil_days(2026, 1, 1) * 86400, end = civil_days(2029, 1, 1) * 86400;
        unsigned     open = 0, times = 0;
        bool         was = false;

        for (int64_t t = begin; t < end; t += 300) {
            bool is = window_left_s(&window, zone, t) > 0;

            open += is;
            times += is && !was;
            was = is;
        }
        assert_int_equal(times, 365 + 365 + 366);
        assert_int_equal(open, times * 95 / 5);
        zone_free(&zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_open_and_close_by_the_clock_on_the_wall),
        cmocka_unit_test(every_night_has_its_whole_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
