/* platform/linux/address_parse.h - the kernel's tables of addresses and routes, and resolv.conf. Pure. Thread: any.
 *
 * text needs no NUL and may hold anything; what is not understood is passed over.
 */
#ifndef PICKET_PLATFORM_LINUX_ADDRESS_PARSE_H
#define PICKET_PLATFORM_LINUX_ADDRESS_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/addresses.h"

/* /proc/net/if_inet6; flags are the kernel's (IFA_F_TEMPORARY is 1). */
typedef void plat_inet6_fn(void *context, const char *name, const uint8_t address[16], unsigned prefix, unsigned flags);
void         plat_inet6_parse(const char *text, size_t len, plat_inet6_fn *each, void *context);

/* /proc/net/route and /proc/net/ipv6_route: the default routes. */
void plat_route4_parse(const char *text, size_t len, struct plat_ways *ret);
void plat_route6_parse(const char *text, size_t len, struct plat_ways *ret);

void plat_resolv_parse(const char *text, size_t len, struct plat_ways *ret);

#endif
