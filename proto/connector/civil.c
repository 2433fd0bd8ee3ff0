#include "proto/connector/civil.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of the proleptic Gregorian calendar; years from March make leap days the last of a year. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct civil {
    int year, month, day, hour, minute, second;
};

static bool civil_ms(const struct civil *c, int64_t *ret_ms)
{
    if (c->year < 1970 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31)
        return false;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 || c->second > 60)
        return false;
    *ret_ms = ((days_of(c->year, c->month, c->day) * 24 + c->hour) * 60 + c->minute) * 60000 + c->second * 1000;
    return true;
}

bool rfc3339_parse(const char *text, int64_t *ret_ms)
{
    struct civil c;
    int          used = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &c.year, &c.month, &c.day, &c.hour, &c.minute, &c.second, &used) !=
            6 ||
        used != 19)
        return false;
    if (text[used] == '.')
        used += 1 + (int)strspn(text + used + 1, "0123456789");
    return strcmp(text + used, "Z") == 0 && civil_ms(&c, ret_ms);
}

void rfc3339_print(int64_t ms, char into[RFC3339_MAX])
{
    int64_t seconds = ms / 1000, days = seconds / 86400, rest = seconds % 86400;
    int64_t z, era, of_era, year_of_era, of_year, month;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    z = days + 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    of_era = z - era * 146097;
    year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * of_year + 2) / 153;
    snprintf(into, RFC3339_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(year_of_era + era * 400 + (month >= 10)),
             (int)(month < 10 ? month + 3 : month - 9), (int)(of_year - (153 * month + 2) / 5 + 1), (int)(rest / 3600),
             (int)(rest / 60 % 60), (int)(rest % 60));
}

bool http_date_parse(const char *text, int64_t *ret_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil      c;
    char              month[4];
    const char       *at;

    if (!text ||
        sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &c.day, month, &c.year, &c.hour, &c.minute, &c.second) != 6)
        return false;
    at = strstr(months, month);
    if (!at || (at - months) % 3 != 0 || strlen(month) != 3)
        return false;
    c.month = (int)(at - months) / 3 + 1;
    return civil_ms(&c, ret_ms);
}
