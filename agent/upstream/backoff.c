#include "agent/upstream/backoff.h"

#include <uv.h>

#include "platform/clock.h"

enum { FIRST_MS = 1000, MOST_MS = 60 * 1000 };

uint64_t backoff_ms(uint32_t failures)
{
    uint64_t most = FIRST_MS;
    uint32_t dice = 0;

    for (uint32_t i = 1; i < failures && most < MOST_MS; i++)
        most *= 2;
    if (most > MOST_MS)
        most = MOST_MS;
    if (uv_random(NULL, NULL, &dice, sizeof dice, 0, NULL) != 0)
        dice = (uint32_t)plat_clock_steady_ms();
    return 1 + dice % most;
}
