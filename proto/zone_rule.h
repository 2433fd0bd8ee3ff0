/* proto/zone_rule.h - the rule that holds after the last change a zone file lists: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ, with
 * the hours that RFC 9636 adds).
 *
 * Inside proto/zone only. Thread: any.
 */
#ifndef PICKET_PROTO_ZONE_RULE_H
#define PICKET_PROTO_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

struct zone_day {
    enum { ZONE_DAY_OF_WEEK, ZONE_DAY_JULIAN, ZONE_DAY_OF_YEAR } kind;
    int     month, week, day; /* OF_WEEK: the week'th (5: the last) day (0: Sunday) of month; else only day */
    int32_t at_s;             /* local time of the change, may be beyond the day */
};

struct zone_rule {
    int32_t         standard_s, summer_s; /* ahead of UTC */
    bool            has_summer;
    struct zone_day begins, ends; /* of summer */
};

/* len bytes, no NUL needed. False: it is not one. */
bool zone_rule_parse(const char *text, int len, struct zone_rule *ret);

int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t at_s);

#endif
