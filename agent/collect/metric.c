#include "agent/collect/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"
#include "proto/json.h"

static const char *const unit_texts[] = {
#define X(unit, text) [UNIT_##unit] = text,
    UNIT_TABLE(X)
#undef X
};

/* What tells something about an instance but does not name it. */
static const struct {
    const char *key, *of;
} descriptions[] = {
    { "system.device", "system.filesystem.mountpoint" },
    { "system.filesystem.type", "system.filesystem.mountpoint" },
    { "picket.check.output", "picket.check.name" },
    { "picket.log.line", "picket.log.name" },
    { "picket.log.severity", "picket.log.name" },
    { "picket.log.reason", "picket.log.name" },
    { "system.device", "hw.id" },
    { "hw.model", "hw.id" },
    { "hw.name", "hw.id" },
    { "system.linux.last_seen", "system.linux.last_seen" },
    { "system.filesystem.type", "system.linux.filesystem.id" },
    { "system.linux.filesystem.label", "system.linux.filesystem.id" },
    { "hw.logical_disk.raid_level", "system.linux.raid.name" },
    { "hw.id", "network.interface.name" },
};

/* Of those, what may be another text with each reading. */
static const char *const passing[] = { "picket.check.output", "picket.log.line", "picket.log.reason",
                                       "system.linux.last_seen" };

bool attr_is_passing(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(passing); i++)
        if (strcmp(key, passing[i]) == 0)
            return true;
    return false;
}

void sink_put(struct sink *out, const struct metric *metric, double value)
{
    sink_put_at(out, metric, value, NULL, 0);
}

void sink_put_at(struct sink *out, const struct metric *metric, double value, const struct attr *attrs,
                 size_t attr_count)
{
    struct sample sample = { metric, attrs, attr_count, value };

    out->put(out, &sample);
}

const char *unit_text(enum unit unit)
{
    return unit_texts[unit];
}

static bool is_whole(double value)
{
    return fabs(value) < 1e15 && (double)(int64_t)value == value;
}

/* In steps of 1024. suffix: "" or "/s". */
static void print_bytes(double value, const char *suffix, char *into, size_t size)
{
    static const char *const prefixes[] = { "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
    size_t                   step = 0;

    if (fabs(value) < 1023.5) {
        snprintf(into, size, "%.0f B%s", value, suffix);
        return;
    }
    value /= 1024;
    while (fabs(value) >= 1023.95 && step + 1 < ARRAY_LEN(prefixes)) { /* 1023.95 would print as 1024.0 */
        value /= 1024;
        step++;
    }
    snprintf(into, size, "%.1f %sB%s", value, prefixes[step], suffix);
}

/* In whole ones of the largest unit of which there are at least two. */
static void print_seconds(double value, char *into, size_t size)
{
    static const struct {
        double      from, in_s;
        const char *name;
    } units[] = { { 2 * 86400.0, 86400, "d" }, { 7200, 3600, "h" }, { 120, 60, "min" } };

    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (value >= units[i].from && value < 1e15) {
            snprintf(into, size, "%" PRId64 " %s", (int64_t)(value / units[i].in_s), units[i].name);
            return;
        }
    if (value > 0 && value < 0.1) {
        snprintf(into, size, "%.1f ms", value * 1000);
        return;
    }
    snprintf(into, size, value < 10 && !is_whole(value) ? "%.2f s" : "%.0f s", value);
}

static void print_number(double value, const char *suffix, char *into, size_t size)
{
    snprintf(into, size, is_whole(value) ? "%.0f%s" : "%.2f%s", value, suffix);
}

const char *metric_print(const struct metric *metric, double value, char *into, size_t size)
{
    if (!isfinite(value)) {
        snprintf(into, size, "unknown");
        return into;
    }
    switch (metric->unit) {
    case UNIT_ONE:
        snprintf(into, size, "%.1f %%", value * 100);
        break;
    case UNIT_BYTES:
        print_bytes(value, "", into, size);
        break;
    case UNIT_BYTES_PER_SECOND:
        print_bytes(value, "/s", into, size);
        break;
    case UNIT_SECONDS:
        print_seconds(value, into, size);
        break;
    case UNIT_PER_SECOND:
        print_number(value, "/s", into, size);
        break;
    case UNIT_CELSIUS:
        snprintf(into, size, "%.0f °C", value);
        break;
    case UNIT_STATE:
        snprintf(into, size, "%s", value != 0 ? "yes" : "no");
        break;
    case UNIT_SEVERITY:
        snprintf(into, size, "%s", value >= 2 ? "critical" : value >= 1 ? "warning" : "ok");
        break;
    default:
        print_number(value, "", into, size);
    }
    return into;
}

static bool has_key(const struct attr *attrs, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(attrs[i].key, key) == 0)
            return true;
    return false;
}

static bool only_describes(const char *key, const struct attr *attrs, size_t count)
{
    for (size_t i = 0; i < ARRAY_LEN(descriptions); i++)
        if (strcmp(key, descriptions[i].key) == 0 && has_key(attrs, count, descriptions[i].of))
            return true;
    return false;
}

const char *attrs_print(const struct attr *attrs, size_t attr_count, char *into, size_t size)
{
    char   part[ATTR_KEY_MAX + ATTR_VALUE_MAX + 4];
    size_t len = 0;

    if (size == 0)
        return into;
    into[0] = '\0';
    for (size_t i = 0; i < attr_count; i++) {
        const char *dot = strrchr(attrs[i].key, '.');
        int         part_len;

        if (only_describes(attrs[i].key, attrs, attr_count))
            continue;
        part_len = snprintf(part, sizeof part, "%s%s=%s", len ? " " : "", dot ? dot + 1 : attrs[i].key, attrs[i].value);
        if (part_len >= (int)sizeof part)
            part_len = (int)sizeof part - 1;
        if (part_len > 0)
            len += utf8_copy(into + len, size - len, part, (size_t)part_len);
    }
    return into;
}
