#include "platform/processes.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

static const struct metric metrics[] = {
    { "system.process.count", UNIT_PROCESSES, METRIC_GAUGE,
      "processes of every state, zombies and the kernel's own included; not threads" },
};

static struct err read_processes(struct sink *out)
{
    uint64_t   count;
    struct err e = plat_processes_read(&count);

    if (!failed(e))
        sink_put(out, &metrics[0], (double)count);
    return e;
}

const struct collector collect_processes = {
    .name = "processes",
    .help = "How many processes there are. On Linux usually taken from the number of links of /proc, which costs one "
            "system call however many there are; checked against a real count once an hour at the usual period.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_processes,
    .done = plat_processes_done,
};
