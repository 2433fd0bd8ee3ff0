/* What a monitoring plugin printed. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/plugin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct plugin_output out;

    plugin_parse((const char *)data, size, &out);
    if (out.count > PLUGIN_FIGURES_MAX || !utf8_valid(out.text, strlen(out.text)))
        abort();
    for (size_t i = 0; i < out.count; i++) {
        const struct plugin_figure *f = &out.figures[i];

        if (isinf(f->value) || f->label[0] == '\0' || !utf8_valid(f->label, strlen(f->label)))
            abort();
        if (f->warning.set && f->warning.from > f->warning.to)
            abort();
        plugin_range_alerts(&f->critical, f->value);
    }
    return 0;
}
