/* A time zone's file: whatever it holds, every moment has an offset within bounds, and comes back from its local time. */
#include <stdlib.h>

#include "proto/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zone *zone = NULL;

    if (failed(zone_parse(data, size, &zone)))
        return 0;
    for (int64_t at = INT64_C(-4000000000); at < INT64_C(8000000000); at += 86400 * 97) {
        int32_t offset = zone_offset_s(zone, at);

        if (offset < -26 * 3600 || offset > 26 * 3600)
            abort();
        if (llabs(zone_moment_of(zone, at + offset) - at) > 60 * 3600)
            abort();
    }
    (void)zone_moment_of(zone, INT64_MIN);
    (void)zone_moment_of(zone, INT64_MAX);
    zone_free(&zone);
    return 0;
}
