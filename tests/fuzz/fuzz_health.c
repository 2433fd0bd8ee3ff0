/* What the kernel and systemctl say about the machine's health. The first byte picks the parser, the rest is the text. */
#include <stdlib.h>
#include <string.h>

#include "platform/failedunits.h"
#include "platform/linux/health_parse.h"

static void on_raid(void *context, const struct plat_raid *raid)
{
    *(size_t *)context += strlen(raid->name) + strlen(raid->level);
    if (raid->progress < 0 || raid->progress > 1 || (raid->missing && !raid->degraded))
        abort();
}

static void on_stat(void *context, const char *kind, uint64_t count)
{
    *(size_t *)context += strlen(kind) + (size_t)count;
}

static void on_unit(void *context, const char *name)
{
    *(size_t *)context += strlen(name);
    if (strlen(name) >= PLAT_UNIT_NAME_MAX)
        abort();
}

static void parse(int which, const char *text, size_t len)
{
    size_t sum = 0;
    bool   degraded;

    switch (which) {
    case 'm':
        plat_mdstat_parse(text, len, on_raid, &sum);
        break;
    case 'z':
        plat_zfs_state_parse(text, len, &degraded);
        break;
    case 'b':
        plat_btrfs_stats_parse(text, len, on_stat, &sum);
        break;
    case 'u':
        plat_failed_units_parse(text, len, on_unit, &sum);
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
