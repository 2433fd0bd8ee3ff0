#include "platform/sensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/inquiry.h"
#include "agent/collect/sensorline.h"
#include "platform/buf.h"
#include "proto/json.h"

enum { SENSORS_MAX = 128, OUTPUT_MAX_BYTES = 64 * 1024, PATIENCE_MS = 60 * 1000 };

enum { TEMPERATURE, LIMIT, AT_LIMIT, FAN, CHARGE, HEALTH, DISCHARGING, ONLINE };

// clang-format off
static const struct metric metrics[] = {
    [TEMPERATURE] = { "hw.temperature", UNIT_CELSIUS, METRIC_GAUGE, "what a sensor says" },
    [LIMIT] = { "hw.temperature.limit", UNIT_CELSIUS, METRIC_GAUGE,
        "from where on its driver calls it critical; not given where none is told" },
    [AT_LIMIT] = { "hw.temperature.critical", UNIT_STATE, METRIC_GAUGE,
        "1 if that is reached; the convention's hw.status with hw.type temperature and hw.state failed" },
    [FAN] = { "hw.fan.speed", UNIT_RPM, METRIC_GAUGE, "turns a minute; 0 also of what is not connected" },
    [CHARGE] = { "hw.battery.charge", UNIT_ONE, METRIC_GAUGE, "how full it is" },
    [HEALTH] = { "hw.battery.health", UNIT_ONE, METRIC_GAUGE,
        "what it holds when full, of what it held when new; the convention has no metric for it" },
    [DISCHARGING] = { "hw.battery.discharging", UNIT_STATE, METRIC_GAUGE,
        "1 if the machine lives on it; the convention's hw.status with hw.type battery and hw.state discharging" },
    [ONLINE] = { "hw.power_supply.online", UNIT_STATE, METRIC_GAUGE,
        "1 if any plug of the machine has power; told of machines with a battery. The convention's hw.status with hw.type "
        "power_supply" },
};
// clang-format on

static struct {
    struct inquiry      asked;
    struct plat_sensor *sensors;
    size_t              count;
} probe;

/* ---- asking ---- */

static bool take_line(void *context, const char *line, size_t len)
{
    (void)context;
    if (!failed(sensorline_parse(line, len, &probe.sensors[probe.count])))
        probe.count++;
    return probe.count < SENSORS_MAX;
}

static struct err take(const struct plat_program_result *result)
{
    probe.count = 0;
    if (!probe.sensors)
        probe.sensors = calloc(SENSORS_MAX, sizeof *probe.sensors);
    if (!probe.sensors)
        return err_of(ERR_NO_MEMORY, "reading what sensors said");
    inquiry_lines(result, take_line, NULL);
    return inquiry_outcome(result, probe.count > 0, "reading sensors, in a process of its own");
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    static const char *const          args[] = { "/proc/self/exe", "probe", "sensors", NULL };
    const struct plat_program_options o = { .args = args, .timeout_ms = PATIENCE_MS, .output_max = OUTPUT_MAX_BYTES };

    if (!plat_sensors_are_possible())
        return err_of(ERR_UNSUPPORTED, "there are no sensors and no batteries here");
    return inquiry_begin(&probe.asked, loop, &o, take, ready, context);
}

static void cancel(void)
{
    inquiry_cancel(&probe.asked);
}

/* ---- telling ---- */

static void put_temperature(struct sink *out, const struct plat_sensor *s)
{
    const struct attr attrs[] = { { "hw.id", s->id }, { "hw.name", s->name } };
    const struct attr limits[] = { attrs[0], { "hw.limit_type", "high.critical" }, attrs[1] };

    sink_put_at(out, &metrics[TEMPERATURE], s->value, attrs, ARRAY_LEN(attrs));
    if (isnan(s->limit))
        return;
    sink_put_at(out, &metrics[LIMIT], s->limit, limits, ARRAY_LEN(limits));
    sink_put_at(out, &metrics[AT_LIMIT], s->value >= s->limit, attrs, ARRAY_LEN(attrs));
}

static void put_battery(struct sink *out, const struct plat_sensor *s)
{
    const struct attr attrs[] = { { "hw.id", s->id }, { "hw.model", s->name } };

    if (!isnan(s->value))
        sink_put_at(out, &metrics[CHARGE], s->value, attrs, ARRAY_LEN(attrs));
    if (!isnan(s->health))
        sink_put_at(out, &metrics[HEALTH], s->health, attrs, ARRAY_LEN(attrs));
    if (s->discharging >= 0)
        sink_put_at(out, &metrics[DISCHARGING], s->discharging, attrs, ARRAY_LEN(attrs));
}

static void put_sensor(struct sink *out, const struct plat_sensor *s)
{
    const struct attr attrs[] = { { "hw.id", s->id }, { "hw.name", s->name } };

    if (s->kind == SENSOR_BATTERY)
        put_battery(out, s);
    else if (isnan(s->value))
        return;
    else if (s->kind == SENSOR_TEMPERATURE)
        put_temperature(out, s);
    else if (s->kind == SENSOR_FAN)
        sink_put_at(out, &metrics[FAN], s->value, attrs, ARRAY_LEN(attrs));
    else
        sink_put(out, &metrics[ONLINE], s->value);
}

static struct err read_sensors(struct sink *out)
{
    if (!probe.asked.answered)
        return err_of(ERR_UNSUPPORTED, "sensors were not asked");
    if (failed(probe.asked.outcome))
        return probe.asked.outcome;
    if (probe.count == 0)
        return err_of(ERR_UNSUPPORTED, "there are no sensors and no batteries here that tell anything");
    for (size_t i = 0; i < probe.count; i++)
        put_sensor(out, &probe.sensors[i]);
    return err_ok();
}

static void done(void)
{
    free(probe.sensors);
    probe.sensors = NULL;
    probe.count = 0;
    probe.asked.answered = false;
}

const struct collector collect_sensors = {
    .name = "sensors",
    .help = "Temperatures and fans by the kernel's drivers (hwmon; where those tell no temperature, thermal zones), "
            "batteries and "
            "mains power. Asked every five minutes by a process of its own (picket probe sensors), because some "
            "sensors are slow. "
            "Left out: disks (see diskhealth), single cores, voltages, readings at the ends of the scale, batteries of "
            "mice and the "
            "like, and "
            "the firmware of Dell laptops, which stops the machine for as long as it is asked.",
    .series = "one for each sensor or battery: hw.id, by the device behind it; hw.name (of a battery hw.model) "
              "describes it, but is "
              "no part of its name in alerts; limits have hw.limit_type high.critical; hw.power_supply.online has one",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_sensors,
    .begin = begin,
    .cancel = cancel,
    .done = done,
};
