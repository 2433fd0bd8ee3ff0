#include "agent/collect/reference.h"

#include "agent/collect/collect.h"

static const char intro[] =
    "# Metrics\n"
    "\n"
    "What the agent reads, printed from its tables. `picket check` shows the values of this machine.\n"
    "\n"
    "Names and units are those of OpenTelemetry's semantic conventions for system metrics, version 1.39. Where those "
    "have a counter and rules want a rate, the agent works out the rate since the last reading and calls it "
    "`NAME.rate`; a counter that went back (a device was replaced, a driver started over) gives no rate that time. "
    "Where the conventions have a `state` attribute, the figure is that of state `used`. Unit `1` is a ratio from 0 to "
    "1, printed as percent. What could not be read is reported as unknown, with the reason, never as 0.\n";

static struct err print_metric(struct buf *into, const struct metric *m)
{
    return buf_printf(into, "| `%s` | `%s` | %s |\n", m->name, unit_text(m->unit), m->help);
}

static struct err print_collector(struct buf *into, const struct collector *c)
{
    struct err e = buf_printf(into, "\n## %s\n\n%s\n", c->name, c->help);

    if (!failed(e) && c->series)
        e = buf_printf(into, "\nSeries: %s.\n", c->series);
    if (!failed(e))
        e = buf_add_text(into, "\n| metric | unit | what it is |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < c->metric_count && !failed(e); i++)
        e = print_metric(into, &c->metrics[i]);
    return e;
}

struct err collectors_print_markdown(struct buf *into)
{
    struct err e = buf_add_text(into, intro);

    for (size_t i = 0; i < collector_count && !failed(e); i++)
        e = print_collector(into, collectors[i]);
    return e;
}
