#include "platform/network.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"

enum { IO, ERRORS, DROPPED, UP, LIMIT };

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
    [UP] = { "hw.network.up", UNIT_STATE, METRIC_GAUGE,
        "1 if it has a link; 0 without a cable or a network to join, and if it was switched off; not given where its driver "
        "does not tell" },
    [LIMIT] = { "hw.network.bandwidth.limit", UNIT_BYTES_PER_SECOND, METRIC_GAUGE,
        "what its link carries in each direction; not given without a link, and where its driver does not tell (wireless, "
        "most virtual machines)" },
};
// clang-format on

enum { IN_BYTES, OUT_BYTES, IN_ERRORS, OUT_ERRORS, IN_DROPS, OUT_DROPS, COUNTERS };

static struct rates rates;

static const struct direction by_direction = { "network.interface.name",
                                               "network.io.direction",
                                               { "receive", "transmit" } };

/* The convention wants hardware to be called by hw.id. */
static void put_link(const struct rate_reading *r, const struct plat_interface *nic)
{
    struct attr attrs[] = { { "hw.id", r->name }, { by_direction.device_key, r->name } };

    if (nic->link != PLAT_LINK_UNKNOWN)
        sink_put_at(r->out, &metrics[UP], nic->link == PLAT_LINK_UP, attrs, ARRAY_LEN(attrs));
    if (nic->speed_bytes_per_s)
        sink_put_at(r->out, &metrics[LIMIT], (double)nic->speed_bytes_per_s, attrs, ARRAY_LEN(attrs));
}

static void on_interface(void *context, const struct plat_interface *nic)
{
    struct rate_reading *r = context;
    const double        *per_s = r->per_s;
    const uint64_t       counters[COUNTERS] = { nic->received_bytes, nic->sent_bytes,    nic->receive_errors,
                                                nic->send_errors,    nic->receive_drops, nic->send_drops };
    char                 key[PLAT_INTERFACE_NAME_MAX + 20];
    bool                 known;

    snprintf(key, sizeof key, "%s %" PRIx64, nic->name, nic->identity);
    known = rate_reading_put(r, key, nic->name, counters, COUNTERS);
    put_link(r, nic);
    if (!known)
        return;
    rate_put_directions(r, &metrics[IO], &by_direction, per_s[IN_BYTES], per_s[OUT_BYTES]);
    rate_put_directions(r, &metrics[ERRORS], &by_direction, per_s[IN_ERRORS], per_s[OUT_ERRORS]);
    rate_put_directions(r, &metrics[DROPPED], &by_direction, per_s[IN_DROPS], per_s[OUT_DROPS]);
}

static struct err read_network(struct sink *out)
{
    struct rate_reading r;

    rate_reading_begin(&r, &rates, out);
    return rate_reading_end(&r, plat_network_read(on_interface, &r));
}

static void done(void)
{
    rates_done(&rates);
    plat_network_done();
}

const struct collector collect_network = {
    .name = "network",
    .help =
        "The traffic and the link of network interfaces with hardware behind them, or what a virtual machine has for "
        "it. "
        "Where there is none, as in a container, those that are linked to one outside; where even that cannot be told, "
        "all but loopback. Left out: bridges, tunnels, VLANs, bonds and the host's ends of containers, whose "
        "traffic shows on the hardware below. A name that was given to another interface starts anew.",
    .series =
        "one for each interface: network.interface.name (and the same as hw.id for its link); those of traffic one for "
        "each direction: network.io.direction receive, transmit",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_network,
    .done = done,
};
