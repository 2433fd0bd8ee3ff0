/* Local time of a moment, by the system's own zone files, and by files that nobody should make. */
#include "tests/unit/check.h"

#include <time.h>

#include "platform/buf.h"
#include "platform/file.h"
#include "proto/zone.h"

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

static int64_t at(int64_t year, int month, int day, int hour, int minute, int second)
{
    return ((civil_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

#define H(hours) ((hours) * 3600)

static void offsets_are_those_of_the_place(void **state)
{
    static const struct {
        const char *zone;
        int         utc[6];
        int32_t     want_s;
    } cases[] = {
        { "Europe/Berlin", { 2026, 1, 1, 0, 0, 0 }, H(1) },
        { "Europe/Berlin", { 2026, 3, 29, 0, 59, 59 }, H(1) },
        { "Europe/Berlin", { 2026, 3, 29, 1, 0, 0 }, H(2) },
        { "Europe/Berlin", { 2026, 10, 25, 0, 59, 59 }, H(2) },
        { "Europe/Berlin", { 2026, 10, 25, 1, 0, 0 }, H(1) },
        { "Europe/Berlin", { 2090, 3, 26, 0, 59, 59 }, H(1) }, /* beyond the list, by the rule */
        { "Europe/Berlin", { 2090, 3, 26, 1, 0, 0 }, H(2) },
        { "Europe/Berlin", { 1880, 1, 1, 0, 0, 0 }, 3208 },
        { "America/New_York", { 2026, 3, 8, 6, 59, 59 }, H(-5) },
        { "America/New_York", { 2026, 3, 8, 7, 0, 0 }, H(-4) },
        { "America/New_York", { 2026, 11, 1, 5, 59, 59 }, H(-4) },
        { "America/New_York", { 2026, 11, 1, 6, 0, 0 }, H(-5) },
        { "America/New_York", { 2060, 7, 1, 0, 0, 0 }, H(-4) },
        { "Australia/Lord_Howe", { 2026, 1, 1, 0, 0, 0 }, H(11) }, /* summer there; half an hour of it */
        { "Australia/Lord_Howe", { 2026, 4, 4, 15, 0, 0 }, 37800 },
        { "Australia/Lord_Howe", { 2026, 4, 4, 14, 59, 59 }, H(11) },
        { "Australia/Lord_Howe", { 2060, 1, 1, 0, 0, 0 }, H(11) },
        { "Europe/Dublin", { 2026, 7, 1, 0, 0, 0 }, H(1) }, /* summer is the standard, winter the exception */
        { "Europe/Dublin", { 2070, 1, 1, 0, 0, 0 }, 0 },
        { "Asia/Kathmandu", { 2026, 7, 1, 0, 0, 0 }, 20700 },
        { "America/Nuuk", { 2060, 7, 1, 0, 0, 0 }, H(-1) }, /* a rule with hours below 0 */
        { "Africa/Casablanca", { 2026, 8, 1, 0, 0, 0 }, H(1) },
        { "Pacific/Kiritimati", { 2026, 1, 1, 0, 0, 0 }, H(14) },
        { "Etc/UTC", { 2026, 1, 1, 0, 0, 0 }, 0 },
        { "Europe/Berlin", { 9999, 12, 31, 23, 0, 0 }, H(1) },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int   *u = cases[i].utc;
        struct zone *zone = zone_of(cases[i].zone);
        int32_t      got = zone_offset_s(zone, at(u[0], u[1], u[2], u[3], u[4], u[5]));

        if (got != cases[i].want_s)
            fail_msg("%s, case %zu: %d s, not %d", cases[i].zone, i, (int)got, (int)cases[i].want_s);
        zone_free(&zone);
    }
}

static void a_time_shown_twice_is_the_first_and_one_left_out_the_leap(void **state)
{
    static const struct {
        const char *zone;
        int         local[5];
        int         utc[6];
    } cases[] = {
        { "Europe/Berlin", { 2026, 1, 5, 22, 0 }, { 2026, 1, 5, 21, 0, 0 } },
        { "Europe/Berlin", { 2026, 7, 5, 22, 0 }, { 2026, 7, 5, 20, 0, 0 } },
        { "Europe/Berlin", { 2026, 3, 29, 1, 59 }, { 2026, 3, 29, 0, 59, 0 } },
        { "Europe/Berlin", { 2026, 3, 29, 2, 30 }, { 2026, 3, 29, 1, 0, 0 } }, /* left out */
        { "Europe/Berlin", { 2026, 3, 29, 3, 0 }, { 2026, 3, 29, 1, 0, 0 } },
        { "Europe/Berlin", { 2026, 10, 25, 1, 59 }, { 2026, 10, 24, 23, 59, 0 } },
        { "Europe/Berlin", { 2026, 10, 25, 2, 30 }, { 2026, 10, 25, 0, 30, 0 } }, /* twice */
        { "Europe/Berlin", { 2026, 10, 25, 2, 59 }, { 2026, 10, 25, 0, 59, 0 } },
        { "Europe/Berlin", { 2026, 10, 25, 3, 0 }, { 2026, 10, 25, 2, 0, 0 } },
        { "America/New_York", { 2026, 3, 8, 2, 30 }, { 2026, 3, 8, 7, 0, 0 } },
        { "America/New_York", { 2026, 11, 1, 1, 30 }, { 2026, 11, 1, 5, 30, 0 } },
        { "Australia/Lord_Howe", { 2026, 4, 5, 1, 45 }, { 2026, 4, 4, 14, 45, 0 } },
        { "Australia/Lord_Howe", { 2026, 10, 4, 2, 15 }, { 2026, 10, 3, 15, 30, 0 } },
        { "Europe/Berlin", { 2028, 2, 29, 12, 0 }, { 2028, 2, 29, 11, 0, 0 } },
        { "Pacific/Apia", { 2011, 12, 30, 12, 0 }, { 2011, 12, 30, 10, 0, 0 } }, /* a day that never was */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const int   *l = cases[i].local, *u = cases[i].utc;
        struct zone *zone = zone_of(cases[i].zone);
        int64_t      got = zone_moment_of(zone, at(l[0], l[1], l[2], l[3], l[4], 0));
        int64_t      want = at(u[0], u[1], u[2], u[3], u[4], u[5]);

        if (got != want)
            fail_msg("%s, case %zu: %lld s beside it", cases[i].zone, i, (long long)(got - want));
        zone_free(&zone);
    }
}

/* The C library has its own idea of every zone; ours must be the same. */
static void every_hour_of_two_years_agrees_with_the_c_library(void **state)
{
    static const char *const names[] = { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo" };

    (void)state;
    for (size_t z = 0; z < ARRAY_LEN(names); z++) {
        struct zone *zone = zone_of(names[z]);

        setenv("TZ", names[z], 1);
        tzset();
        for (int64_t t = at(2036, 12, 30, 0, 0, 0); t < at(2039, 1, 2, 0, 0, 0); t += 1800) {
            time_t    c = (time_t)t;
            struct tm tm;

            assert_non_null(localtime_r(&c, &tm));
            assert_int_equal(zone_offset_s(zone, t), tm.tm_gmtoff);
        }
        zone_free(&zone);
    }
}

/* ---- files that are none ---- */

static const char utc_file[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                               "\0\0\0\0\0\0UTC\0"
                               "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                               "\0\0\0\0\0\0UTC\0\n";

static struct err parse_with_rule(const char *rule, struct zone **ret)
{
    char   bytes[400];
    size_t len = sizeof utc_file - 1;

    memcpy(bytes, utc_file, len);
    len += (size_t)snprintf(bytes + len, sizeof bytes - len, "%s\n", rule);
    return zone_parse(bytes, len, ret);
}

static void rules_after_the_list_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *rule;
        bool        well;
        int32_t     january_s, july_s;
    } cases[] = {
        { "", true, 0, 0 },
        { "UTC0", true, 0, 0 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", true, H(1), H(2) },
        { "EST5EDT,M3.2.0,M11.1.0", true, H(-5), H(-4) },
        { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", true, H(11), 37800 },
        { "IST-2IDT,M3.4.4/26,M10.5.0", true, H(2), H(3) },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true, H(-2), H(-1) },
        { "WST3YYY,J60,J300", true, H(-3), H(-2) },
        { "WST3YYY,59,299/-5:30:15", true, H(-3), H(-2) },
        { "WST3YYY2:30,0/0,J365/25", true, -9000, -9000 }, /* summer the year round */
        { "WS3", false, 0, 0 },
        { "WST", false, 0, 0 },
        { "WST26", false, 0, 0 },
        { "WST3YYY", false, 0, 0 },
        { "WST3YYY,M13.1.0,M4.1.0", false, 0, 0 },
        { "WST3YYY,M3.6.0,M4.1.0", false, 0, 0 },
        { "WST3YYY,M3.1.7,M4.1.0", false, 0, 0 },
        { "WST3YYY,M3.1.0/168,M4.1.0", false, 0, 0 },
        { "WST3YYY,M3.1.0", false, 0, 0 },
        { "WST3YYY,M3.1.0,M4.1.0 ", false, 0, 0 },
        { "<+03-3", false, 0, 0 },
        { "WST99999999999", false, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct zone *zone = NULL;
        struct err   e = parse_with_rule(cases[i].rule, &zone);

        if (failed(e) == cases[i].well)
            fail_msg("\"%s\" is %s", cases[i].rule, failed(e) ? "refused" : "taken");
        if (failed(e))
            continue;
        if (zone_offset_s(zone, at(2027, 1, 15, 12, 0, 0)) != cases[i].january_s ||
            zone_offset_s(zone, at(2027, 7, 15, 12, 0, 0)) != cases[i].july_s)
            fail_msg("\"%s\" is read wrongly", cases[i].rule);
        zone_free(&zone);
    }
}

static void a_file_cut_anywhere_is_refused_and_never_read_beyond(void **state)
{
    struct zone *zone = NULL;
    struct buf   text;

    (void)state;
    buf_init(&text, ZONE_FILE_MAX);
    if (failed(plat_file_read("/usr/share/zoneinfo/Europe/Berlin", &text)))
        skip_because("no zone files here: install tzdata");
    for (size_t len = 0; len < text.len; len++) {
        char *part = malloc(len + 1); /* so that a sanitizer sees the end of it */

        memcpy(part, text.data, len);
        part = realloc(part, len ? len : 1);
        assert_int_equal(zone_parse(part, len, &zone).code, ERR_MALFORMED);
        free(part);
    }
    assert_null(zone);
    buf_done(&text);
    assert_int_equal(zone_parse(utc_file, sizeof utc_file - 1, &zone).code, ERR_MALFORMED);
    assert_int_equal(zone_parse("", ZONE_FILE_MAX + 1, &zone).code, ERR_TOO_BIG);
}

static void names_stay_within_the_folder_of_zones(void **state)
{
    static const char *const good[] = { "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12" };
    static const char *const bad[] = { "", "/etc/passwd", "../passwd", "Europe/../../x", "Europe/", "a//b", "Europe Berlin",
                                       ".hidden", "Europe/.x", "\xc3\xa4" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(zone_name_fits(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(zone_name_fits(bad[i]));
}

static void days_are_counted_through_leap_years(void **state)
{
    (void)state;
    assert_int_equal(civil_days(1970, 1, 1), 0);
    assert_int_equal(civil_days(2000, 2, 29) + 1, civil_days(2000, 3, 1));
    assert_int_equal(civil_days(2100, 2, 28) + 1, civil_days(2100, 3, 1));
    assert_int_equal(civil_weekday(civil_days(2028, 2, 29)), 1); /* a Tuesday */
    assert_int_equal(civil_weekday(civil_days(1969, 12, 31)), 2);
    assert_int_equal(civil_weekday(civil_days(2026, 3, 29)), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_the_place),
        cmocka_unit_test(a_time_shown_twice_is_the_first_and_one_left_out_the_leap),
        cmocka_unit_test(every_hour_of_two_years_agrees_with_the_c_library),
        cmocka_unit_test(rules_after_the_list_are_read_whole_or_not_at_all),
        cmocka_unit_test(a_file_cut_anywhere_is_refused_and_never_read_beyond),
        cmocka_unit_test(names_stay_within_the_folder_of_zones),
        cmocka_unit_test(days_are_counted_through_leap_years),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
