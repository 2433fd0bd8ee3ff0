#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/timekeeping.h"

enum { SYNCHRONISED, LOST, OFFSET, MAXIMUM, ESTIMATED };

// clang-format off
static const struct metric metrics[] = {
    [SYNCHRONISED] = { "system.clock.synchronized", UNIT_STATE, METRIC_GAUGE,
        "1 if the kernel was told, not too long ago, by how much the clock may be wrong" },
    [LOST] = { "system.clock.sync.failing", UNIT_STATE, METRIC_GAUGE,
        "1 if a program that keeps the time (chrony, ntpd, systemd-timesyncd) runs here, and yet the clock is not "
        "synchronised; not given where none is seen to run: such a machine gets its time in another way, or not at all" },
    [OFFSET] = { "system.clock.offset", UNIT_SECONDS, METRIC_GAUGE,
        "what is still to be corrected of the last difference that was found, without its sign; not given while not "
        "synchronised" },
    [MAXIMUM] = { "system.clock.error.maximum", UNIT_SECONDS, METRIC_GAUGE,
        "the most by which the clock may be wrong; not given while not synchronised" },
    [ESTIMATED] = { "system.clock.error.estimated", UNIT_SECONDS, METRIC_GAUGE,
        "by how much it probably is wrong; not given while not synchronised" },
};
// clang-format on

static struct err read_clock(struct sink *out)
{
    struct plat_timekeeping t;
    struct err              e = plat_timekeeping_read(&t);

    if (failed(e))
        return e;
    sink_put(out, &metrics[SYNCHRONISED], t.synchronised);
    if (t.kept)
        sink_put(out, &metrics[LOST], !t.synchronised);
    if (!t.synchronised)
        return e;
    sink_put(out, &metrics[OFFSET], t.offset_s);
    sink_put(out, &metrics[MAXIMUM], t.maximum_error_s);
    sink_put(out, &metrics[ESTIMATED], t.estimated_error_s);
    return e;
}

const struct collector collect_clock = {
    .name = "clock",
    .help =
        "What the kernel thinks of its own clock; nothing is asked over the network. Not offered in a container, whose "
        "clock is its host's. The convention has no metrics for it.",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_clock,
};
