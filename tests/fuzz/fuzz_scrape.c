/* What a scraper asks, and any text as a name, a label and its value: no text may begin a line of its own. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/prometheus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(const char *text)
{
    const struct prometheus_family family = { text, text, text, text[0] == 'c' };
    const struct otlp_attr         attr = { text, text };
    struct buf                     b;
    size_t                         breaks = 0;

    buf_init(&b, 1 << 20);
    if (failed(prometheus_head_put(&family, &b)) || failed(prometheus_series_put(&family, &attr, 1, 1.5, &b)))
        abort();
    for (size_t i = 0; i < b.len; i++)
        breaks += b.data[i] == '\n';
    if (breaks != 3 || b.data[b.len - 1] != '\n')
        abort();
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    if (scrape_read(data, size) > SCRAPE_MALFORMED)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    put(text);
    free(text);
    return 0;
}
