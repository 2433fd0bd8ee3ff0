#include "proto/zone.h"

#include <stdlib.h>
#include <string.h>

#include "proto/zone_rule.h"

enum { HEAD_BYTES = 44, CHANGES_MAX = 3000, TYPES_MAX = 256, OFFSET_MAX_S = 26 * 3600, FOOTER_MAX = 100 };

/* Beyond these nobody's calendar reaches, and sums stay within their type. */
static const int64_t MOMENT_MAX_S = INT64_C(1) << 40;

struct zone_change {
    int64_t at_s;
    int32_t offset_s; /* from then on */
};

struct zone {
    int32_t            before_s; /* until the first change */
    bool               has_rule; /* for after the last */
    struct zone_rule   rule;
    size_t             count;
    struct zone_change changes[];
};

/* ---- calendar ---- */

/* Years from March make leap days the last of a year. */
int64_t civil_days(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t of_era = shifted - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int civil_weekday(int64_t days)
{
    int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */

    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

/* ---- parsing ---- */

struct part { /* one of the file's two bodies */
    size_t   isut, isstd, leap, times, types, chars;
    unsigned time_bytes; /* 4 or 8 */
    const unsigned char *body;
    size_t               len;
};

static uint64_t big_endian(const unsigned char *at, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static int64_t signed_at(const unsigned char *at, unsigned bytes)
{
    uint64_t value = big_endian(at, bytes);

    return bytes == 8 ? (int64_t)value : (int64_t)(int32_t)(uint32_t)value;
}

static bool read_head(const unsigned char *at, size_t len, unsigned time_bytes, struct part *ret)
{
    if (len < HEAD_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    *ret = (struct part){
        .isut = big_endian(at + 20, 4),
        .isstd = big_endian(at + 24, 4),
        .leap = big_endian(at + 28, 4),
        .times = big_endian(at + 32, 4),
        .types = big_endian(at + 36, 4),
        .chars = big_endian(at + 40, 4),
        .time_bytes = time_bytes,
        .body = at + HEAD_BYTES,
    };
    if (ret->times > CHANGES_MAX || ret->types < 1 || ret->types > TYPES_MAX || ret->chars > 2048 ||
        ret->leap > 1000 || ret->isut > TYPES_MAX || ret->isstd > TYPES_MAX)
        return false;
    ret->len = ret->times * (time_bytes + 1) + ret->types * 6 + ret->chars + ret->leap * (time_bytes + 4) + ret->isstd +
               ret->isut;
    return ret->len <= len - HEAD_BYTES;
}

static bool offset_of(const struct part *p, size_t type, int32_t *ret_s)
{
    const unsigned char *types = p->body + p->times * (p->time_bytes + 1);

    if (type >= p->types)
        return false;
    *ret_s = (int32_t)signed_at(types + type * 6, 4);
    return *ret_s >= -OFFSET_MAX_S && *ret_s <= OFFSET_MAX_S;
}

static bool read_changes(const struct part *p, struct zone *zone)
{
    const unsigned char *kinds = p->body + p->times * p->time_bytes;

    if (!offset_of(p, 0, &zone->before_s))
        return false;
    for (size_t i = 0; i < p->times; i++) {
        struct zone_change *change = &zone->changes[i];

        change->at_s = signed_at(p->body + i * p->time_bytes, p->time_bytes);
        if (!offset_of(p, kinds[i], &change->offset_s) || (i && change->at_s <= change[-1].at_s))
            return false;
    }
    zone->count = p->times;
    return true;
}

/* Behind the second body: a line break, the rule, a line break. An empty rule says nothing. */
static bool read_footer(const unsigned char *at, size_t len, struct zone *zone)
{
    const unsigned char *end = len > 1 && at[0] == '\n' ? memchr(at + 1, '\n', len - 1) : NULL;
    size_t               rule_len = end ? (size_t)(end - at - 1) : 0;

    if (!end || rule_len > FOOTER_MAX)
        return false;
    zone->has_rule = rule_len > 0;
    return rule_len == 0 || zone_rule_parse((const char *)at + 1, (int)rule_len, &zone->rule);
}

struct err zone_parse(const void *bytes, size_t len, struct zone **ret)
{
    const unsigned char *at = bytes;
    struct part          part;
    struct zone         *zone;
    bool                 second, well;

    if (len > ZONE_FILE_MAX)
        return err_of(ERR_TOO_BIG, "reading a time zone");
    if (!read_head(at, len, 4, &part))
        return err_of(ERR_MALFORMED, "reading a time zone");
    second = at[4] >= '2';
    if (second) {
        const unsigned char *head = part.body + part.len;

        if (!read_head(head, len - (size_t)(head - at), 8, &part))
            return err_of(ERR_MALFORMED, "reading a time zone");
    }
    zone = calloc(1, sizeof *zone + part.times * sizeof *zone->changes);
    if (!zone)
        return err_of(ERR_NO_MEMORY, "reading a time zone");
    well = read_changes(&part, zone);
    if (well && second)
        well = read_footer(part.body + part.len, len - (size_t)(part.body + part.len - at), zone);
    if (!well) {
        free(zone);
        return err_of(ERR_MALFORMED, "reading a time zone");
    }
    *ret = zone;
    return err_ok();
}

struct err zone_new_utc(struct zone **ret)
{
    struct zone *zone = calloc(1, sizeof *zone);

    if (!zone)
        return err_of(ERR_NO_MEMORY, "preparing a time zone");
    *ret = zone;
    return err_ok();
}

void zone_free(struct zone **zone)
{
    free(*zone);
    *zone = NULL;
}

/* ---- asking ---- */

static int64_t bounded(int64_t at_s)
{
    return at_s > MOMENT_MAX_S ? MOMENT_MAX_S : at_s < -MOMENT_MAX_S ? -MOMENT_MAX_S : at_s;
}

int32_t zone_offset_s(const struct zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->count;

    at_s = bounded(at_s);
    if (zone->has_rule && (zone->count == 0 || at_s >= zone->changes[zone->count - 1].at_s))
        return zone_rule_offset_s(&zone->rule, at_s);
    while (low < high) { /* the first that is later */
        size_t middle = (low + high) / 2;

        if (zone->changes[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? zone->changes[low - 1].offset_s : zone->before_s;
}

/* Offsets are within 26 h, so the moment lies within that of local_s read as UTC, and its offset is that of before or after
 * the one change that may lie between. */
int64_t zone_moment_of(const struct zone *zone, int64_t local_s)
{
    int64_t local = bounded(local_s), low, high;
    int32_t before = zone_offset_s(zone, local - OFFSET_MAX_S), after = zone_offset_s(zone, local + OFFSET_MAX_S);

    if (zone_offset_s(zone, local - before) == before)
        return local - before;
    if (zone_offset_s(zone, local - after) == after)
        return local - after;
    low = local - OFFSET_MAX_S;
    high = local + OFFSET_MAX_S;
    while (high - low > 1) { /* to the leap over it */
        int64_t middle = low + (high - low) / 2;

        if (middle + zone_offset_s(zone, middle) >= local)
            high = middle;
        else
            low = middle;
    }
    return high;
}

bool zone_name_fits(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len >= ZONE_NAME_BYTES || name[0] == '/' || name[0] == '.' || strstr(name, "..") || strstr(name, "/.") ||
        strstr(name, "//") || name[len - 1] == '/')
        return false;
    return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/.")] == '\0';
}
