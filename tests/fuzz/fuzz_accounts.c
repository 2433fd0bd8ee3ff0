/* Accounts, groups, addresses, routes. The first byte picks the parser, the rest is the file; of 'p' the second half is
 * shadow. */
#include <stdlib.h>
#include <string.h>

#include "platform/linux/account_parse.h"
#include "platform/linux/address_parse.h"
#include "platform/linux/drive_parse.h"

static void on_account(void *context, const struct plat_account *a)
{
    *(size_t *)context += strlen(a->name) + strlen(a->full_name) + strlen(a->home) + strlen(a->shell);
}

static void on_group(void *context, const struct plat_group *g)
{
    *(size_t *)context += strlen(g->name) + strlen(g->members);
}

static void on_inet6(void *context, const char *name, const uint8_t address[16], unsigned prefix, unsigned flags)
{
    *(size_t *)context += strlen(name) + address[15] + prefix + flags;
}

static void parse(int which, const char *text, size_t len)
{
    struct plat_ways ways = { .gateway_count = 0 };
    char             serial[16];
    size_t           sum = 0;

    switch (which) {
    case 'p':
        plat_passwd_parse(text, len / 2, text + len / 2, len - len / 2, on_account, &sum);
        break;
    case 'g':
        plat_group_parse(text, len, on_group, &sum);
        break;
    case 'i':
        plat_inet6_parse(text, len, on_inet6, &sum);
        break;
    case '4':
        plat_route4_parse(text, len, &ways);
        break;
    case '6':
        plat_route6_parse(text, len, &ways);
        break;
    case 'r':
        plat_resolv_parse(text, len, &ways);
        break;
    case 's':
        plat_scsi_serial(text, len, serial, sizeof serial);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    text = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    parse(data[0], text, size - 1);
    free(text);
    return 0;
}
