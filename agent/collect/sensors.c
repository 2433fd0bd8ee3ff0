#include "platform/sensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "agent/collect/sensorline.h"
#include "platform/buf.h"
#include "platform/program.h"
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
    struct plat_sensor  *sensors;
    size_t               count;
    bool                 has_answer;
    struct err           outcome;
    struct plat_program *program;
    collector_ready_fn  *ready;
    void                *context;
} probe;

/* ---- asking ---- */

static struct err take_lines(const char *out, size_t len)
{
    probe.count = 0;
    if (!probe.sensors)
        probe.sensors = calloc(SENSORS_MAX, sizeof *probe.sensors);
    if (!probe.sensors)
        return err_of(ERR_NO_MEMORY, "reading what sensors said");
    for (const char *end; len && probe.count < SENSORS_MAX && (end = memchr(out, '\n', len));) {
        if (!failed(sensorline_parse(out, (size_t)(end - out), &probe.sensors[probe.count])))
            probe.count++;
        len -= (size_t)(end + 1 - out);
        out = end + 1;
    }
    return err_ok();
}

/* A sensor that never answers keeps the process; those before it have been told of. */
static void on_done(void *context, const struct plat_program_result *result)
{
    (void)context;
    probe.outcome = take_lines(result->out, result->out_len);
    if (!failed(probe.outcome) && result->end == PROGRAM_TIMED_OUT && probe.count == 0)
        probe.outcome = err_of(ERR_TIMED_OUT, "reading sensors");
    if (!failed(probe.outcome) && result->end != PROGRAM_TIMED_OUT && (result->signal || result->status))
        probe.outcome = err_of(ERR_OS, "reading sensors: the process that does it failed");
    probe.has_answer = true;
    plat_program_close(&probe.program);
    probe.ready(probe.context);
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    static const char *const          args[] = { "/proc/self/exe", "probe", "sensors", NULL };
    const struct plat_program_options o = {
        .args = args, .timeout_ms = PATIENCE_MS, .output_max = OUTPUT_MAX_BYTES, .on_done = on_done
    };

    if (!plat_sensors_are_possible())
        return err_of(ERR_UNSUPPORTED, "there are no sensors and no batteries here");
    probe.ready = ready;
    probe.context = context;
    return plat_program_start(loop, &o, &probe.program);
}

static void cancel(void)
{
    plat_program_close(&probe.program);
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
    if (!probe.has_answer)
        return err_of(ERR_UNSUPPORTED, "sensors were not asked");
    if (failed(probe.outcome))
        return probe.outcome;
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
    probe.has_answer = false;
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
