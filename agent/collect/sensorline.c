#include "agent/collect/sensorline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static const char *const kinds[] = {
#define X(kind, word) [SENSOR_##kind] = (word),
    PLAT_SENSOR_TABLE(X)
#undef X
};

static const struct {
    const char *key;
    size_t      at;
} figures[] = {
    { "value", offsetof(struct plat_sensor, value) },
    { "limit", offsetof(struct plat_sensor, limit) },
    { "health", offsetof(struct plat_sensor, health) },
};

struct err sensorline_print(const struct plat_sensor *sensor, struct buf *into)
{
    struct err e = buf_printf(into, "%s\t%s\t%s", kinds[sensor->kind], sensor->id, sensor->name);

    for (size_t i = 0; i < ARRAY_LEN(figures) && !failed(e); i++) {
        double value;

        memcpy(&value, (const char *)sensor + figures[i].at, sizeof value);
        if (!isnan(value))
            e = buf_printf(into, "\t%s=%.9g", figures[i].key, value);
    }
    if (!failed(e) && sensor->discharging >= 0)
        e = buf_printf(into, "\tdischarging=%d", sensor->discharging);
    return failed(e) ? e : buf_add_byte(into, '\n');
}

static bool parse_pair(const char *pair, struct plat_sensor *s)
{
    const char *value = strchr(pair, '=');
    char       *end;
    double      number;

    if (!value)
        return false;
    number = strtod(value + 1, &end);
    if (end == value + 1 || *end || !isfinite(number) || number < 0)
        return false;
    if (strncmp(pair, "discharging=", 12) == 0)
        s->discharging = number != 0;
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (strlen(figures[i].key) == (size_t)(value - pair) &&
            strncmp(pair, figures[i].key, (size_t)(value - pair)) == 0)
            memcpy((char *)s + figures[i].at, &number, sizeof number);
    return true;
}

static bool parse_fields(char *text, struct plat_sensor *s)
{
    char  *kind = text_field(&text, '\t'), *id = text_field(&text, '\t'), *name = text_field(&text, '\t'), *pair;
    size_t i = 0;

    while (i < ARRAY_LEN(kinds) && strcmp(kinds[i], kind) != 0)
        i++;
    if (i == ARRAY_LEN(kinds) || !id || !id[0] || !name || strlen(id) >= sizeof s->id || strlen(name) >= sizeof s->name)
        return false;
    s->kind = (enum plat_sensor_kind)i;
    memcpy(s->id, id, strlen(id) + 1);
    memcpy(s->name, name, strlen(name) + 1);
    while ((pair = text_field(&text, '\t')))
        if (!parse_pair(pair, s))
            return false;
    return (s->kind != SENSOR_BATTERY && s->kind != SENSOR_MAINS) || !(s->value > 1 || s->health > 1);
}

struct err sensorline_parse(const char *line, size_t len, struct plat_sensor *ret)
{
    enum { LINE_MAX_BYTES = 512 };
    static const char  step[] = "reading what a sensor said";
    struct plat_sensor s = { .value = NAN, .limit = NAN, .health = NAN, .discharging = -1 };
    char               text[LINE_MAX_BYTES];

    if (len >= sizeof text || memchr(line, '\0', len))
        return err_of(ERR_MALFORMED, step);
    memcpy(text, line, len);
    text[len] = '\0';
    if (!parse_fields(text, &s))
        return err_of(ERR_MALFORMED, step);
    *ret = s;
    return err_ok();
}
