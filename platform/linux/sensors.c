#include "platform/sensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/linux/contained.h"
#include "platform/linux/rooted.h"

enum { INPUTS_MAX = 32, VALUE_BYTES = 48 };

static const char hwmon[] = "/sys/class/hwmon", thermal[] = "/sys/class/thermal", power[] = "/sys/class/power_supply";

/* Not asked: disks, which the collector diskhealth asks; and firmware that stops all CPUs while it answers. */
static const char *const left_out[] = { "drivetemp", "nvme", "dell_smm" };

struct walk_through {
    const char     *root;
    plat_sensor_fn *each;
    void           *context;
    const char     *device, *chip; /* hwmon: that is being read */
    unsigned        temperatures;
    bool            has_mains, is_on_mains;
};

/* False: not there, or no number. */
static bool number(const struct walk_through *w, double *ret, const char *folder, const char *device, const char *file)
{
    char text[VALUE_BYTES], *end;

    if (failed(rooted_line(w->root, text, sizeof text, "%s/%s/%s", folder, device, file)))
        return false;
    *ret = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*ret);
}

static void give(struct walk_through *w, struct plat_sensor *s)
{
    for (char *c = s->name; *c; c++)
        if (*c < ' ')
            *c = ' ';
    w->each(w->context, s);
}

static struct plat_sensor sensor_of(enum plat_sensor_kind kind)
{
    return (struct plat_sensor){ .kind = kind, .value = NAN, .limit = NAN, .health = NAN, .discharging = -1 };
}

/* What is not connected reads as one of the ends of the scale. A critical level of 0 or 255 was never set. */
static bool set_temperature(struct plat_sensor *s, double milli, double limit_milli)
{
    s->value = milli / 1000;
    s->limit = limit_milli >= 40000 && limit_milli <= 150000 ? limit_milli / 1000 : NAN;
    return s->value > 0 && s->value < 127;
}

/* ---- hwmon ---- */

/* "hwmon3" may be another one after a reboot; the device behind it is not. */
static void name_chip(const struct walk_through *w, const char *device, const char *chip, char *into, size_t size)
{
    char        target[256];
    const char *slash, *last;

    if (!rooted_link(w->root, target, sizeof target, "%s/%s/device", hwmon, device)) {
        snprintf(into, size, "%s", chip);
        return;
    }
    slash = strrchr(target, '/');
    last = slash ? slash + 1 : target;
    if (strncmp(last, chip, strlen(chip)) == 0)
        snprintf(into, size, "%.40s", last);
    else
        snprintf(into, size, "%s@%.40s", chip, last);
}

static void take_input(struct walk_through *w, enum plat_sensor_kind kind, const char *input)
{
    struct plat_sensor s = sensor_of(kind);
    char               file[VALUE_BYTES], chip_id[PLAT_SENSOR_ID_MAX - 16];
    double             limit = NAN;

    snprintf(file, sizeof file, "%s_input", input);
    if (!number(w, &s.value, hwmon, w->device, file))
        return;
    snprintf(file, sizeof file, "%s_crit", input);
    (void)number(w, &limit, hwmon, w->device, file);
    if (kind == SENSOR_TEMPERATURE ? !set_temperature(&s, s.value, limit) : s.value < 0 || s.value > 100000)
        return;
    name_chip(w, w->device, w->chip, chip_id, sizeof chip_id);
    snprintf(s.id, sizeof s.id, "%s/%s", chip_id, input);
    if (failed(rooted_line(w->root, s.name, sizeof s.name, "%s/%s/%s_label", hwmon, w->device, input)))
        snprintf(s.name, sizeof s.name, "%s %s", w->chip, input);
    if (strncmp(s.name, "Core ", 5) == 0 && rooted_exists(w->root, "%s/%s/temp1_input", hwmon, w->device))
        return; /* coretemp: its first is the package, as warm as the warmest core; old processors have none */
    w->temperatures += kind == SENSOR_TEMPERATURE;
    give(w, &s);
}

/* "temp1_input", "fan2_input" */
static void take_file(void *context, const char *file)
{
    static const struct {
        const char           *word;
        enum plat_sensor_kind kind;
    } words[] = { { "temp", SENSOR_TEMPERATURE }, { "fan", SENSOR_FAN } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i].word),
               digits = strncmp(file, words[i].word, len) == 0 ? strspn(file + len, "0123456789") : 0;
        char input[16];

        if (digits == 0 || digits > 4 || strcmp(file + len + digits, "_input") != 0)
            continue;
        snprintf(input, sizeof input, "%.*s", (int)(len + digits), file);
        take_input(context, words[i].kind, input);
    }
}

static void take_chip(void *context, const char *device)
{
    struct walk_through *w = context;
    char                 chip[32], path[VALUE_BYTES + sizeof hwmon];

    if (strlen(device) >= VALUE_BYTES || failed(rooted_line(w->root, chip, sizeof chip, "%s/%s/name", hwmon, device)))
        return;
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
        if (strcmp(chip, left_out[i]) == 0)
            return;
    snprintf(path, sizeof path, "%s/%.40s", hwmon, device);
    w->device = device;
    w->chip = chip;
    (void)rooted_each(w->root, path, take_file, w);
}

/* ---- thermal zones: of boards without hwmon ---- */

static double critical_of(const struct walk_through *w, const char *zone)
{
    char   file[VALUE_BYTES], type[VALUE_BYTES];
    double limit;

    for (int i = 0; i < INPUTS_MAX; i++) {
        if (failed(rooted_line(w->root, type, sizeof type, "%s/%s/trip_point_%d_type", thermal, zone, i)))
            break;
        snprintf(file, sizeof file, "trip_point_%d_temp", i);
        if (strcmp(type, "critical") == 0 && number(w, &limit, thermal, zone, file))
            return limit;
    }
    return NAN;
}

static void take_zone(void *context, const char *zone)
{
    struct walk_through *w = context;
    struct plat_sensor   s = sensor_of(SENSOR_TEMPERATURE);
    double               value;

    if (strncmp(zone, "thermal_zone", 12) != 0 || !number(w, &value, thermal, zone, "temp"))
        return;
    if (!set_temperature(&s, value, critical_of(w, zone)))
        return;
    snprintf(s.id, sizeof s.id, "%.40s", zone);
    if (failed(rooted_line(w->root, s.name, sizeof s.name, "%s/%s/type", thermal, zone)))
        snprintf(s.name, sizeof s.name, "%.40s", zone);
    give(w, &s);
}

/* ---- batteries and mains ---- */

/* Some batteries count in watt-hours, others in ampere-hours. */
static double health_of(const struct walk_through *w, const char *battery)
{
    static const char *const files[][2] = { { "energy_full", "energy_full_design" },
                                            { "charge_full", "charge_full_design" } };
    double                   full, design;

    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (number(w, &full, power, battery, files[i][0]) && number(w, &design, power, battery, files[i][1]) &&
            full >= 0 && design > 0)
            return full < design ? full / design : 1;
    return NAN;
}

static void take_battery(struct walk_through *w, const char *battery)
{
    struct plat_sensor s = sensor_of(SENSOR_BATTERY);
    char               text[VALUE_BYTES];
    double             value;

    if (number(w, &value, power, battery, "present") && value == 0)
        return;
    if (number(w, &value, power, battery, "capacity") && value >= 0)
        s.value = value < 100 ? value / 100 : 1;
    s.health = health_of(w, battery);
    if (!failed(rooted_line(w->root, text, sizeof text, "%s/%s/status", power, battery)) &&
        strcmp(text, "Unknown") != 0)
        s.discharging = strcmp(text, "Discharging") == 0;
    snprintf(s.id, sizeof s.id, "%.40s", battery);
    (void)rooted_line(w->root, s.name, sizeof s.name, "%s/%s/model_name", power, battery);
    give(w, &s);
}

static void take_supply(void *context, const char *supply)
{
    struct walk_through *w = context;
    char                 type[VALUE_BYTES], scope[VALUE_BYTES];
    double               online;

    (void)rooted_line(w->root, scope, sizeof scope, "%s/%s/scope", power, supply);
    if (failed(rooted_line(w->root, type, sizeof type, "%s/%s/type", power, supply)) || strcmp(scope, "Device") == 0)
        return;
    if (strcmp(type, "Battery") == 0) {
        take_battery(w, supply);
    } else if ((strcmp(type, "Mains") == 0 || strncmp(type, "USB", 3) == 0) &&
               number(w, &online, power, supply, "online")) {
        w->has_mains = true;
        w->is_on_mains = w->is_on_mains || online > 0;
    }
}

/* ---- all ---- */

struct err plat_sensors_each(const char *root, plat_sensor_fn *each, void *context)
{
    struct walk_through w = { .root = root, .each = each, .context = context };
    struct plat_sensor  mains = sensor_of(SENSOR_MAINS);

    (void)rooted_each(root, hwmon, take_chip, &w);
    if (w.temperatures == 0)
        (void)rooted_each(root, thermal, take_zone, &w);
    (void)rooted_each(root, power, take_supply, &w);
    mains.value = w.is_on_mains;
    snprintf(mains.id, sizeof mains.id, "mains");
    if (w.has_mains)
        give(&w, &mains);
    return err_ok();
}

static void count(void *context, const char *name)
{
    (void)name;
    ++*(int *)context;
}

bool plat_sensors_are_possible(void)
{
    int found = 0;

    if (plat_is_contained())
        return false;
    (void)rooted_each("", hwmon, count, &found);
    (void)rooted_each("", thermal, count, &found);
    (void)rooted_each("", power, count, &found);
    return found > 0;
}
