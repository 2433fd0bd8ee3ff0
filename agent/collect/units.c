#include "platform/failedunits.h"

#include <stdlib.h>
#include <string.h>

#include "agent/collect/inquiry.h"
#include "platform/buf.h"
#include "proto/json.h"

/* A unit that failed and no longer does is told of for an hour: an alert ends because all is well, not for want of news. */
enum { UNITS_MAX = 128, PATIENCE_MS = 30 * 1000, OUTPUT_MAX_BYTES = 128 * 1024, WELL_READINGS = 12 };

enum { FAILED, COUNT };

// clang-format off
static const struct metric metrics[] = {
    [FAILED] = { "systemd.unit.failed", UNIT_STATE, METRIC_GAUGE,
        "1 if the unit failed and nothing started it again since; 0 for an hour after it is well again; not given of units "
        "that did not fail. The OpenTelemetry Collector's systemd.unit.state with systemd.unit.active_state failed" },
    [COUNT] = { "systemd.unit.failed.count", UNIT_UNITS, METRIC_GAUGE, "how many units failed" },
};
// clang-format on

struct kept {
    char     name[PLAT_UNIT_NAME_MAX];
    unsigned well; /* readings since it last was failed */
};

static struct {
    struct inquiry inquiry;
    struct kept   *units;
    size_t         count, failed;
} asked;

/* ---- asking ---- */

static void on_unit(void *context, const char *name)
{
    struct kept *units = asked.units;
    char         plain[PLAT_UNIT_NAME_MAX];
    size_t       i = 0;

    (void)context;
    utf8_copy(plain, sizeof plain, name, strlen(name));
    asked.failed++;
    while (i < asked.count && strcmp(units[i].name, plain) != 0)
        i++;
    if (i == UNITS_MAX)
        return; /* counted, and not named */
    if (i == asked.count) {
        units = realloc(units, (asked.count + 1) * sizeof *units);
        if (!units)
            return;
        asked.units = units;
        memcpy(units[asked.count++].name, plain, sizeof plain);
    }
    units[i].well = 0;
}

static void forget_the_well(void)
{
    size_t kept = 0;

    for (size_t i = 0; i < asked.count; i++)
        if (asked.units[i].well <= WELL_READINGS)
            asked.units[kept++] = asked.units[i];
    asked.count = kept;
}

static struct err take_units(const struct plat_program_result *r)
{
    struct err e = inquiry_outcome(r, false, "asking systemctl for failed units");

    if (failed(e))
        return e;
    asked.failed = 0;
    for (size_t i = 0; i < asked.count; i++)
        asked.units[i].well++;
    return plat_failed_units_parse(r->out, r->out_len, on_unit, NULL);
}

static struct err take(const struct plat_program_result *r)
{
    struct err e = take_units(r);

    forget_the_well();
    return e;
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    struct plat_program_options o = { .timeout_ms = PATIENCE_MS, .output_max = OUTPUT_MAX_BYTES };
    struct err                  e = plat_failed_units_command(&o.args);

    return failed(e) ? e : inquiry_begin(&asked.inquiry, loop, &o, take, ready, context);
}

static void cancel(void)
{
    inquiry_cancel(&asked.inquiry);
}

/* ---- telling ---- */

static struct err read_units(struct sink *out)
{
    if (!asked.inquiry.answered)
        return err_of(ERR_UNSUPPORTED, "systemctl was not asked for failed units");
    if (failed(asked.inquiry.outcome))
        return asked.inquiry.outcome;
    sink_put(out, &metrics[COUNT], (double)asked.failed);
    for (size_t i = 0; i < asked.count; i++) {
        const struct attr attr = { "systemd.unit.name", asked.units[i].name };

        sink_put_at(out, &metrics[FAILED], asked.units[i].well == 0, &attr, 1);
    }
    return err_ok();
}

static void done(void)
{
    free(asked.units);
    asked.units = NULL;
    asked.count = asked.failed = 0;
    asked.inquiry.answered = false;
}

const struct collector collect_units = {
    .name = "units",
    .help = "Units of systemd that failed: services, timers, mounts and the like, of the system and not of its users. "
            "systemd "
            "tells it in no file, so systemctl is asked every five minutes. A service that is started again and again "
            "is not "
            "failed between two tries; it is once systemd gives up. Left out are units without a file and masked ones, "
            "which "
            "nobody means to run, and the names of all beyond the first 128.",
    .series = "one for each unit: systemd.unit.name",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_units,
    .begin = begin,
    .cancel = cancel,
    .done = done,
};
