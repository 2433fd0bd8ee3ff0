#include <string.h>

#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/network.h"
#include "proto/json.h"

enum { IO, ERRORS, DROPPED };

// clang-format off
static const struct metric metrics[] = {
    [IO] = { "system.network.io.rate", UNIT_BYTES_PER_SECOND, METRIC_GAUGE,
        "bytes received and sent a second since the last reading: the rate of the convention's counter "
        "system.network.io" },
    [ERRORS] = { "system.network.errors.rate", UNIT_PER_SECOND, METRIC_GAUGE,
        "packets that came damaged or could not be sent a second: the rate of the convention's counter "
        "system.network.errors" },
    [DROPPED] = { "system.network.packet.dropped.rate", UNIT_PER_SECOND, METRIC_GAUGE,
        "packets thrown away a second though nothing was wrong with them, mostly for want of room, but on Linux also "
        "those of protocols nobody listens to: the rate of the convention's counter system.network.packet.dropped" },
};
// clang-format on

enum { IN_BYTES, OUT_BYTES, IN_ERRORS, OUT_ERRORS, IN_DROPS, OUT_DROPS, COUNTERS };

static struct rates rates;

struct reading {
    struct sink *out;
    struct err   err;
};

static void put(struct sink *out, const char *name, const double *per_s)
{
    struct attr in[] = { { "network.interface.name", name }, { "network.io.direction", "receive" } };
    struct attr sent[] = { { "network.interface.name", name }, { "network.io.direction", "transmit" } };

    sink_put_at(out, &metrics[IO], per_s[IN_BYTES], in, 2);
    sink_put_at(out, &metrics[IO], per_s[OUT_BYTES], sent, 2);
    sink_put_at(out, &metrics[ERRORS], per_s[IN_ERRORS], in, 2);
    sink_put_at(out, &metrics[ERRORS], per_s[OUT_ERRORS], sent, 2);
    sink_put_at(out, &metrics[DROPPED], per_s[IN_DROPS], in, 2);
    sink_put_at(out, &metrics[DROPPED], per_s[OUT_DROPS], sent, 2);
}

static void on_interface(void *context, const struct plat_interface *nic)
{
    struct reading *r = context;
    uint64_t        counters[COUNTERS] = { nic->received_bytes, nic->sent_bytes,    nic->receive_errors,
                                           nic->send_errors,    nic->receive_drops, nic->send_drops };
    double          per_s[COUNTERS];
    char            name[PLAT_INTERFACE_NAME_MAX];
    bool            known;
    struct err      e = rates_put(&rates, nic->name, counters, COUNTERS, per_s, &known);

    if (failed(e)) {
        r->err = e;
        return;
    }
    utf8_copy(name, sizeof name, nic->name, strlen(nic->name));
    if (known)
        put(r->out, name, per_s);
}

static struct err read_network(struct sink *out)
{
    struct reading r = { out, err_ok() };
    struct err     e;

    rates_begin(&rates, plat_clock_steady_ms());
    e = plat_network_read(on_interface, &r);
    if (failed(e))
        return e;
    rates_end(&rates);
    return r.err;
}

static void done(void)
{
    rates_done(&rates);
    plat_network_done();
}

const struct collector collect_network = {
    .name = "network",
    .help = "The traffic of network interfaces with hardware behind them, or what a virtual machine has for it. Where "
            "there is none, as in a container, those that are linked to one outside; where even that cannot be told, "
            "all but loopback. Left out: bridges, tunnels, VLANs, bonds and the host's ends of containers, whose "
            "traffic shows on the hardware below.",
    .series = "two for each interface, network.interface.name: network.io.direction receive, transmit",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_network,
    .done = done,
};
