/* platform/network.h - what went through each network interface since it appeared.
 *
 * Interfaces with hardware behind them (or what a virtual machine has for it). Where there is none, as in a container,
 * those that are linked to an interface outside (veth, macvlan); where even that cannot be told, all but loopback. So
 * bridges, tunnels, VLANs and the host's ends of containers are left out: their traffic shows on the hardware below.
 * Interfaces may come and go from call to call; one that came again starts from 0 or from anywhere.
 * Thread: the loop's; milliseconds at most. Keeps its source open between calls; plat_network_done closes it.
 * Fails:  UNSUPPORTED where the system has no such figure, and then always; otherwise whatever the system said. each()
 *         has then not been called.
 */
#ifndef PICKET_PLATFORM_NETWORK_H
#define PICKET_PLATFORM_NETWORK_H

#include <stdint.h>

#include "platform/err.h"

enum { PLAT_INTERFACE_NAME_MAX = 64 };

enum plat_link { PLAT_LINK_UNKNOWN, PLAT_LINK_DOWN, PLAT_LINK_UP };

/* Lent for the time of the call. Counters only grow; an old driver's may wrap at 32 bits. */
struct plat_interface {
    const char *name; /* "eth0", bytes as the system has them */
    uint64_t    received_bytes, sent_bytes;
    uint64_t    receive_errors, send_errors;
    uint64_t    receive_drops, send_drops; /* thrown away though nothing was wrong with them */

    uint64_t       identity;          /* another one under the same name (renamed, replaced) has another; 0: unknown */
    enum plat_link link;              /* down: switched off, no cable, no network joined */
    uint64_t       speed_bytes_per_s; /* 0: unknown, as without a cable or in most virtual machines */
};

typedef void plat_interface_fn(void *context, const struct plat_interface *nic);

struct err plat_network_read(plat_interface_fn *each, void *context);
void       plat_network_done(void);

#endif
