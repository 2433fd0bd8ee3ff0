#include "platform/linux/address_parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "platform/linux/scan.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hex_number(struct scan word, uint32_t *ret)
{
    uint32_t number = 0;

    if (word.len == 0 || word.len > 8)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (digit(word.at[i]) < 0)
            return false;
        number = number << 4 | (uint32_t)digit(word.at[i]);
    }
    *ret = number;
    return true;
}

static bool hex_address(struct scan word, uint8_t ret[16])
{
    if (word.len != 32)
        return false;
    for (size_t i = 0; i < 16; i++) {
        int high = digit(word.at[2 * i]), low = digit(word.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static size_t words(struct scan line, struct scan *into, size_t count)
{
    size_t n = 0;

    while (n < count && scan_word(&line, &into[n]))
        n++;
    return n;
}

void plat_inet6_parse(const char *text, size_t len, plat_inet6_fn *each, void *context)
{
    enum { ADDRESS, INDEX, PREFIX, SCOPE, FLAGS, NAME, COLUMNS };
    struct scan all = { text, len }, line, w[COLUMNS];
    uint8_t     address[16];
    uint32_t    prefix, flags;
    char        name[PLAT_NIC_NAME_BYTES];

    while (scan_line(&all, &line))
        if (words(line, w, COLUMNS) == COLUMNS && hex_address(w[ADDRESS], address) && hex_number(w[PREFIX], &prefix) &&
            prefix <= 128 && hex_number(w[FLAGS], &flags) && scan_copy(w[NAME], name, sizeof name))
            each(context, name, address, prefix, flags);
}

static void add_gateway(struct plat_ways *ret, const char *address, struct scan nic)
{
    char  name[PLAT_NIC_NAME_BYTES];
    char *into;

    if (ret->gateway_count == PLAT_WAYS_MAX || !scan_copy(nic, name, sizeof name))
        return;
    into = ret->gateways[ret->gateway_count];
    snprintf(into, sizeof ret->gateways[0], "%s%s%s", address, address[0] ? " " : "", name);
    for (size_t i = 0; i < ret->gateway_count; i++)
        if (strcmp(ret->gateways[i], into) == 0)
            return;
    ret->gateway_count++;
}

/* Addresses are numbers of the machine's own byte order: what inet_ntop wants as bytes. */
void plat_route4_parse(const char *text, size_t len, struct plat_ways *ret)
{
    enum { NIC, TO, GATEWAY, FLAGS, REFERENCES, USE, METRIC, MASK, COLUMNS, UP = 1, IS_GATEWAY = 2, REJECT = 0x200 };
    struct scan all = { text, len }, line, w[COLUMNS];
    uint32_t    to, gateway, flags, mask;
    char        address[PLAT_ADDRESS_BYTES];

    while (scan_line(&all, &line)) {
        if (words(line, w, COLUMNS) != COLUMNS || !hex_number(w[TO], &to) || !hex_number(w[GATEWAY], &gateway) ||
            !hex_number(w[FLAGS], &flags) || !hex_number(w[MASK], &mask) || to || mask || !(flags & UP) ||
            flags & REJECT)
            continue;
        address[0] = '\0';
        if (flags & IS_GATEWAY)
            inet_ntop(AF_INET, &gateway, address, sizeof address);
        add_gateway(ret, address, w[NIC]);
    }
}

void plat_route6_parse(const char *text, size_t len, struct plat_ways *ret)
{
    enum { TO, TO_PREFIX, FROM, FROM_PREFIX, GATEWAY, METRIC, REFERENCES, USE, FLAGS, NIC, COLUMNS };
    enum { UP = 1, IS_GATEWAY = 2, REJECT = 0x200 };
    struct scan all = { text, len }, line, w[COLUMNS];
    uint32_t    prefix, flags;
    uint8_t     gateway[16];
    char        address[PLAT_ADDRESS_BYTES];

    while (scan_line(&all, &line)) {
        if (words(line, w, COLUMNS) != COLUMNS || !hex_number(w[TO_PREFIX], &prefix) || prefix != 0 ||
            !hex_address(w[GATEWAY], gateway) || !hex_number(w[FLAGS], &flags) || !(flags & UP) || flags & REJECT ||
            scan_is(w[NIC], "lo"))
            continue;
        address[0] = '\0';
        if (flags & IS_GATEWAY)
            inet_ntop(AF_INET6, gateway, address, sizeof address);
        add_gateway(ret, address, w[NIC]);
    }
}

void plat_resolv_parse(const char *text, size_t len, struct plat_ways *ret)
{
    struct scan all = { text, len }, line, word;

    while (scan_line(&all, &line)) {
        if (!scan_word(&line, &word))
            continue;
        if (scan_is(word, "nameserver")) {
            if (ret->dns_count < PLAT_WAYS_MAX && scan_word(&line, &word) &&
                scan_copy(word, ret->dns[ret->dns_count], sizeof ret->dns[0]))
                ret->dns_count++;
        } else if (scan_is(word, "search") || scan_is(word, "domain")) {
            ret->search_count = 0; /* the last one counts */
            while (ret->search_count < PLAT_WAYS_MAX && scan_word(&line, &word))
                if (scan_copy(word, ret->search[ret->search_count], sizeof ret->search[0]))
                    ret->search_count++;
        }
    }
}
