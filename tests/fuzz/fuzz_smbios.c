/* Firmware tables. */
#include <stdlib.h>
#include <string.h>

#include "platform/smbios.h"

static void on_module(void *context, const struct plat_memory_module *m)
{
    *(size_t *)context += strlen(m->slot) + strlen(m->bank) + strlen(m->serial) + strlen(m->part) + strlen(m->kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plat_hardware h = { .slots = 0 };
    size_t               sum = 0;

    (void)plat_smbios_parse(data, size, size % 2 ? 0x0205 : 0x0303, on_module, &sum, &h);
    for (size_t i = 0; i < HARDWARE_TEXTS; i++)
        if (strnlen(h.text[i], HARDWARE_TEXT_MAX) == HARDWARE_TEXT_MAX)
            abort();
    return 0;
}
