#include "platform/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/linux/address_parse.h"
#include "platform/linux/rooted.h"

enum { NICS_MAX = 256, TABLE_MAX_BYTES = 1 << 20, TEMPORARY = 1 };

struct nics {
    const char      *root;
    struct plat_nic *items;
    size_t           count;
    bool             has_own; /* one that is no veth, besides loopback */
    bool             too_many;
};

/* ---- what an interface is ---- */

static void find_kind(const char *root, const char *name, struct plat_nic *ret)
{
    static const struct {
        const char *kernel, *word;
    } words[] = { { "wlan", "wifi" },   { "bond", "bond" },           { "vlan", "vlan" },   { "bridge", "bridge" },
                  { "vxlan", "vxlan" }, { "wireguard", "wireguard" }, { "wwan", "mobile" }, { "ppp", "ppp" } };
    char        text[2048], path[ROOTED_PATH_BYTES], line[32];
    const char *found;

    snprintf(path, sizeof path, "/sys/class/net/%s/uevent", name);
    rooted_head(root, path, text, sizeof text);
    found = strstr(text, "DEVTYPE=");
    for (size_t i = 0; found && i < ARRAY_LEN(words); i++)
        if (strcspn(found + 8, "\n") == strlen(words[i].kernel) &&
            strncmp(found + 8, words[i].kernel, strlen(words[i].kernel)) == 0)
            snprintf(ret->kind, sizeof ret->kind, "%s", words[i].word);
    if (ret->kind[0])
        return;
    if (rooted_exists(root, "/sys/class/net/%s/wireless", name))
        snprintf(ret->kind, sizeof ret->kind, "wifi");
    else if (rooted_exists(root, "/sys/class/net/%s/bridge", name))
        snprintf(ret->kind, sizeof ret->kind, "bridge");
    else if (rooted_exists(root, "/sys/class/net/%s/tun_flags", name))
        snprintf(ret->kind, sizeof ret->kind, "tunnel");
    else if (!failed(rooted_line(root, line, sizeof line, "/sys/class/net/%s/type", name)))
        snprintf(ret->kind, sizeof ret->kind, "%s",
                 strcmp(line, "772") == 0  ? "loopback"
                 : strcmp(line, "1") == 0  ? "ethernet"
                 : strcmp(line, "32") == 0 ? "infiniband"
                                           : "");
}

/* Its other end is in another place, so it tells another index than its own. */
static bool is_veth(const char *root, const struct plat_nic *nic)
{
    char own[16], other[16];

    return !nic->driver[0] && strcmp(nic->kind, "ethernet") == 0 &&
           !failed(rooted_line(root, own, sizeof own, "/sys/class/net/%s/ifindex", nic->name)) &&
           !failed(rooted_line(root, other, sizeof other, "/sys/class/net/%s/iflink", nic->name)) &&
           strcmp(own, other) != 0;
}

static void take_nic(void *context, const char *name)
{
    struct nics     *n = context;
    struct plat_nic *nic = &n->items[n->count];
    char             link[256], *last;

    if (n->count == NICS_MAX || strlen(name) >= sizeof nic->name ||
        !rooted_exists(n->root, "/sys/class/net/%s/type", name)) {
        n->too_many = n->too_many || n->count == NICS_MAX;
        return;
    }
    *nic = (struct plat_nic){ .is_cut = false };
    snprintf(nic->name, sizeof nic->name, "%s", name);
    find_kind(n->root, name, nic);
    if (rooted_link(n->root, link, sizeof link, "/sys/class/net/%s/device/driver", name)) {
        last = strrchr(link, '/');
        snprintf(nic->driver, sizeof nic->driver, "%.31s", last ? last + 1 : link);
    }
    rooted_line(n->root, nic->mac, sizeof nic->mac, "/sys/class/net/%s/address", name);
    if (strspn(nic->mac, "0:") == strlen(nic->mac))
        nic->mac[0] = '\0';
    if (is_veth(n->root, nic))
        snprintf(nic->kind, sizeof nic->kind, "veth");
    else if (strcmp(nic->kind, "ethernet") == 0 || strcmp(nic->kind, "wifi") == 0)
        n->has_own = n->has_own || nic->driver[0];
    n->count++;
}

/* ---- addresses ---- */

static void add_address(struct nics *n, const char *name, int family, const void *address, unsigned prefix)
{
    char text[INET6_ADDRSTRLEN];

    for (size_t i = 0; i < n->count; i++) {
        struct plat_nic *nic = &n->items[i];

        if (strcmp(nic->name, name) != 0)
            continue;
        nic->is_cut = nic->is_cut || nic->address_count == PLAT_NIC_ADDRESSES_MAX;
        if (!nic->is_cut && inet_ntop(family, address, text, sizeof text))
            snprintf(nic->addresses[nic->address_count++], PLAT_ADDRESS_BYTES, "%s/%u", text, prefix);
    }
}

static void take_inet6(void *context, const char *name, const uint8_t address[16], unsigned prefix, unsigned flags)
{
    if (!(flags & TEMPORARY))
        add_address(context, name, AF_INET6, address, prefix);
}

/* "eth0:1" is a label of eth0. */
static void read_inet4(struct nics *n, const struct plat_source *from)
{
    struct ifaddrs *all, *at;
    char            name[PLAT_NIC_NAME_BYTES];

    if (getifaddrs(&all) != 0) {
        from->gap(from->context, "IPv4 addresses", err_of(ERR_OS, "asking for addresses"));
        return;
    }
    for (at = all; at; at = at->ifa_next) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)at->ifa_addr;
        const struct sockaddr_in *mask = (const struct sockaddr_in *)(const void *)at->ifa_netmask;

        if (!address || !mask || address->sin_family != AF_INET)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at->ifa_name, ":"), at->ifa_name);
        add_address(n, name, AF_INET, &address->sin_addr,
                    (unsigned)__builtin_popcount((unsigned)mask->sin_addr.s_addr));
    }
    freeifaddrs(all);
}

static int by_family_and_text(const void *a, const void *b)
{
    bool six[2] = { strchr(a, ':') != NULL, strchr(b, ':') != NULL };

    return six[0] != six[1] ? (six[0] ? 1 : -1) : strcmp(a, b);
}

static void read_addresses(struct nics *n, const struct plat_source *from)
{
    struct buf text;

    buf_init(&text, TABLE_MAX_BYTES);
    if (!failed(rooted_read(from->root, "/proc/net/if_inet6", "reading addresses", &text))) /* absent: no IPv6 here */
        plat_inet6_parse(text.data, text.len, take_inet6, n);
    buf_done(&text);
    if (!from->root[0])
        read_inet4(n, from);
    for (size_t i = 0; i < n->count; i++)
        qsort(n->items[i].addresses, n->items[i].address_count, PLAT_ADDRESS_BYTES, by_family_and_text);
}

void plat_nics_each(const struct plat_source *from, plat_nic_fn *each, void *context)
{
    struct nics n = { .root = from->root, .items = calloc(NICS_MAX + 1, sizeof *n.items) };
    struct err  e = n.items ? rooted_each(from->root, "/sys/class/net", take_nic, &n)
                            : err_of(ERR_NO_MEMORY, "listing network interfaces");

    if (!failed(e))
        read_addresses(&n, from);
    if (!failed(e) && n.too_many)
        e = err_of(ERR_TOO_BIG, "listing network interfaces");
    for (size_t i = 0; n.items && i < n.count; i++)
        if (!n.has_own || strcmp(n.items[i].kind, "veth") != 0)
            each(context, &n.items[i]);
    free(n.items);
    if (failed(e) && (e.code != ERR_NOT_FOUND || !from->root[0]))
        from->gap(from->context, "interfaces", e);
}

/* ---- the way out ---- */

void plat_ways_read(const struct plat_source *from, struct plat_ways *ret)
{
    static const struct {
        const char *path;
        void (*parse)(const char *text, size_t len, struct plat_ways *ret);
    } files[] = { { "/proc/net/route", plat_route4_parse },
                  { "/proc/net/ipv6_route", plat_route6_parse },
                  { "/etc/resolv.conf", plat_resolv_parse } };
    struct buf text;

    *ret = (struct plat_ways){ .gateway_count = 0 };
    buf_init(&text, TABLE_MAX_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        buf_clear(&text);
        if (!failed(rooted_read(from->root, files[i].path, "reading routes", &text)))
            files[i].parse(text.data, text.len, ret);
    }
    if (ret->dns_count == 1 &&
        strcmp(ret->dns[0], "127.0.0.53") == 0) { /* systemd's own; whom it asks stands elsewhere */
        buf_clear(&text);
        if (!failed(rooted_read(from->root, "/run/systemd/resolve/resolv.conf", "reading resolv.conf", &text))) {
            ret->dns_count = 0;
            plat_resolv_parse(text.data, text.len, ret);
        }
    }
    buf_done(&text);
}
