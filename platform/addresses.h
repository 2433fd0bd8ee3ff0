/* platform/addresses.h - the network interfaces of this machine, their addresses, and the way out.
 *
 * Without what changes by itself: temporary IPv6 addresses (RFC 8981), and the ends of containers (veth) on a machine that
 * has interfaces of its own. Of another root only what its files tell. Thread: any that may wait for files; milliseconds.
 */
#ifndef PICKET_PLATFORM_ADDRESSES_H
#define PICKET_PLATFORM_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/source.h"

enum { PLAT_NIC_NAME_BYTES = 64, PLAT_NIC_ADDRESSES_MAX = 64, PLAT_ADDRESS_BYTES = 56 };

struct plat_nic {
    char   name[PLAT_NIC_NAME_BYTES];
    char   kind[16];   /* "ethernet", "wifi", "loopback", "bridge", "bond", "vlan", "veth", "tunnel", ... ; "" */
    char   mac[64];    /* "52:54:00:12:34:56"; "" */
    char   driver[32]; /* "" where there is no device */
    char   addresses[PLAT_NIC_ADDRESSES_MAX][PLAT_ADDRESS_BYTES]; /* "192.0.2.7/24", "fe80::1/64": IPv4 first, then by text */
    size_t address_count;
    bool   is_cut; /* there are more */
};

typedef void plat_nic_fn(void *context, const struct plat_nic *nic);
void         plat_nics_each(const struct plat_source *from, plat_nic_fn *each, void *context);

enum { PLAT_WAYS_MAX = 8 };

struct plat_ways {
    char   gateways[PLAT_WAYS_MAX][PLAT_ADDRESS_BYTES + PLAT_NIC_NAME_BYTES]; /* "192.0.2.1 eth0": of the default routes */
    char   dns[PLAT_WAYS_MAX][PLAT_ADDRESS_BYTES];
    char   search[PLAT_WAYS_MAX][128];
    size_t gateway_count, dns_count, search_count;
};

void plat_ways_read(const struct plat_source *from, struct plat_ways *ret);

#endif
