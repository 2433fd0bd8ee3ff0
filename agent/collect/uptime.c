#include "platform/uptime.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

static const struct metric metrics[] = {
    { "system.uptime", UNIT_SECONDS, METRIC_GAUGE, "how long the system has been running, sleep included" },
};

static struct err read_uptime(struct sink *out)
{
    double     uptime_s;
    struct err e = plat_uptime_read(&uptime_s);

    if (!failed(e))
        sink_put(out, &metrics[0], uptime_s);
    return e;
}

const struct collector collect_uptime = {
    .name = "uptime",
    .help = "The time since the system started; in a Linux container, since that did, where the host arranges for it.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_uptime,
    .done = plat_uptime_done,
};
