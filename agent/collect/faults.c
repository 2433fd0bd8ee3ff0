#include "platform/faults.h"

#include <string.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "proto/json.h"

enum { OOPSES, WARNINGS, MACHINE_CHECK, MEMORY };

// clang-format off
static const struct metric metrics[] = {
    [OOPSES] = { "system.linux.kernel.oopses", UNIT_ERRORS, METRIC_COUNTER,
        "failures of the kernel that it survived, since the system started; before Linux 6.2, which does not count, 1 if "
        "there was any" },
    [WARNINGS] = { "system.linux.kernel.warnings", UNIT_ERRORS, METRIC_COUNTER,
        "times the kernel found something that should not be, since the system started; told since Linux 6.2" },
    [MACHINE_CHECK] = { "system.linux.kernel.machine_check", UNIT_STATE, METRIC_GAUGE,
        "1 if the processor reported a fault of the hardware since the system started" },
    [MEMORY] = { "system.linux.memory.errors", UNIT_ERRORS, METRIC_COUNTER,
        "faults that ECC memory corrected or could not correct since the system started; the convention's hw.errors with "
        "hw.type memory. Not given where no driver (EDAC) watches over the memory" },
};
// clang-format on

static void on_controller(void *context, const char *controller, uint64_t corrected, uint64_t uncorrected)
{
    char        id[ATTR_VALUE_MAX];
    struct attr attrs[] = { { "hw.id", id }, { "error.type", "corrected" } };

    utf8_copy(id, sizeof id, controller, strlen(controller));
    sink_put_at(context, &metrics[MEMORY], (double)corrected, attrs, ARRAY_LEN(attrs));
    attrs[1].value = "uncorrected";
    sink_put_at(context, &metrics[MEMORY], (double)uncorrected, attrs, ARRAY_LEN(attrs));
}

static struct err read_faults(struct sink *out)
{
    struct plat_faults f;
    struct err         e = plat_faults_read(&f);

    if (failed(e))
        return e;
    sink_put(out, &metrics[OOPSES], (double)f.oopses);
    if (f.has_warnings)
        sink_put(out, &metrics[WARNINGS], (double)f.warnings);
    sink_put(out, &metrics[MACHINE_CHECK], f.machine_check);
    plat_ecc_read(on_controller, out);
    return e;
}

const struct collector collect_faults = {
    .name = "faults",
    .help = "What went wrong in the kernel, the processor and the memory and did not end the system. Not offered in a "
            "container, whose kernel is its host's. The convention has no other metrics for it.",
    .series = "memory errors one for each memory controller: hw.id, and error.type corrected, uncorrected",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_faults,
};
