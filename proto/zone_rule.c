#include "proto/zone_rule.h"

#include "proto/zone.h"

enum { DAY_S = 86400, HOURS_MAX = 167, OFFSET_HOURS_MAX = 25 };

struct scanner {
    const char *at, *end;
};

/* ---- reading ---- */

static bool take(struct scanner *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool is_digit(const struct scanner *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool take_number(struct scanner *s, int least, int most, int *ret)
{
    int value = 0, digits = 0;

    for (; is_digit(s) && digits < 4; s->at++, digits++)
        value = value * 10 + (*s->at - '0');
    *ret = value;
    return digits > 0 && value >= least && value <= most;
}

/* "CET", or "<+0330>". */
static bool skip_name(struct scanner *s)
{
    const char *from = s->at;
    bool        quoted = take(s, '<');

    while (s->at < s->end && (quoted ? *s->at != '>' : (*s->at | 0x20) >= 'a' && (*s->at | 0x20) <= 'z'))
        s->at++;
    return quoted ? take(s, '>') && s->at - from > 2 : s->at - from >= 3;
}

/* "-3:30:00" */
static bool take_time(struct scanner *s, int hours_max, int32_t *ret_s)
{
    bool minus = take(s, '-');
    int  hours, minutes = 0, seconds = 0;

    if (!minus)
        (void)take(s, '+');
    if (!take_number(s, 0, hours_max, &hours))
        return false;
    if (take(s, ':') && !take_number(s, 0, 59, &minutes))
        return false;
    if (take(s, ':') && !take_number(s, 0, 59, &seconds))
        return false;
    *ret_s = (hours * 3600 + minutes * 60 + seconds) * (minus ? -1 : 1);
    return true;
}

static bool take_day(struct scanner *s, struct zone_day *ret)
{
    bool well;

    *ret = (struct zone_day){ .kind = ZONE_DAY_OF_YEAR, .at_s = 2 * 3600 };
    if (!take(s, ','))
        return false;
    if (take(s, 'M')) {
        ret->kind = ZONE_DAY_OF_WEEK;
        well = take_number(s, 1, 12, &ret->month) && take(s, '.') && take_number(s, 1, 5, &ret->week) && take(s, '.') &&
               take_number(s, 0, 6, &ret->day);
    } else if (take(s, 'J')) {
        ret->kind = ZONE_DAY_JULIAN;
        well = take_number(s, 1, 365, &ret->day);
    } else {
        well = take_number(s, 0, 365, &ret->day);
    }
    return well && (!take(s, '/') || take_time(s, HOURS_MAX, &ret->at_s));
}

bool zone_rule_parse(const char *text, int len, struct zone_rule *ret)
{
    struct scanner   s = { text, text + len };
    struct zone_rule rule = { 0 };
    int32_t          west_s;

    if (!skip_name(&s) || !take_time(&s, OFFSET_HOURS_MAX, &west_s))
        return false;
    rule.standard_s = rule.summer_s = -west_s;
    rule.has_summer = s.at < s.end;
    if (rule.has_summer) {
        if (!skip_name(&s))
            return false;
        rule.summer_s = rule.standard_s + 3600;
        if (s.at < s.end && *s.at != ',') {
            if (!take_time(&s, OFFSET_HOURS_MAX, &west_s))
                return false;
            rule.summer_s = -west_s;
        }
        if (!take_day(&s, &rule.begins) || !take_day(&s, &rule.ends))
            return false;
    }
    if (s.at != s.end)
        return false;
    *ret = rule;
    return true;
}

/* ---- what it says of a moment ---- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970 of that day in that year. */
static int64_t day_in(const struct zone_day *day, int64_t year)
{
    int64_t first = civil_days(year, 1, 1), next;

    if (day->kind == ZONE_DAY_OF_YEAR)
        return first + day->day;
    if (day->kind == ZONE_DAY_JULIAN) /* 29 February is never counted */
        return first + day->day - 1 + (is_leap(year) && day->day >= 60);
    first = civil_days(year, day->month, 1);
    next = day->month == 12 ? civil_days(year + 1, 1, 1) : civil_days(year, day->month + 1, 1);
    first += (day->day + 6 - civil_weekday(first) + 7) % 7; /* civil_weekday begins at Monday */
    first += 7 * (int64_t)(day->week - 1);
    return first < next ? first : first - 7;
}

static int64_t year_of(int64_t at_s)
{
    int64_t days = at_s / DAY_S - (at_s % DAY_S < 0), year = 1970 + days / 366 - (days < 0);

    while (civil_days(year + 1, 1, 1) <= days)
        year++;
    return year;
}

int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t at_s)
{
    int64_t year = year_of(at_s + rule->standard_s), begins_s, ends_s;
    bool    summer;

    if (!rule->has_summer)
        return rule->standard_s;
    begins_s = day_in(&rule->begins, year) * DAY_S + rule->begins.at_s - rule->standard_s;
    ends_s = day_in(&rule->ends, year) * DAY_S + rule->ends.at_s - rule->summer_s;
    summer = begins_s < ends_s ? at_s >= begins_s && at_s < ends_s : at_s >= begins_s || at_s < ends_s;
    return summer ? rule->summer_s : rule->standard_s;
}
