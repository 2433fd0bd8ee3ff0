/* platform/smbios.h - the tables in which firmware describes a machine (DMTF DSP0134, to version 3.7). Pure.
 *
 * bytes are the structures, one after the other (Linux: /sys/firmware/dmi/tables/DMI; Windows: RSMB behind its head); they
 * may hold anything. A text is "" where there is none or only a filler of the maker's. Thread: any.
 */
#ifndef PICKET_PLATFORM_SMBIOS_H
#define PICKET_PLATFORM_SMBIOS_H

#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

// clang-format off
enum plat_hardware_text {
    HARDWARE_MANUFACTURER, HARDWARE_PRODUCT, HARDWARE_VERSION, HARDWARE_SERIAL, HARDWARE_UUID, HARDWARE_SKU, HARDWARE_FAMILY,
    HARDWARE_BOARD_MANUFACTURER, HARDWARE_BOARD_PRODUCT, HARDWARE_BOARD_VERSION, HARDWARE_BOARD_SERIAL,
    HARDWARE_CHASSIS_KIND, HARDWARE_CHASSIS_MANUFACTURER, HARDWARE_CHASSIS_SERIAL, HARDWARE_ASSET_TAG,
    HARDWARE_FIRMWARE_VENDOR, HARDWARE_FIRMWARE_VERSION, HARDWARE_FIRMWARE_DATE,
    HARDWARE_TEXTS
};
// clang-format on

enum { HARDWARE_TEXT_MAX = 96 };

struct plat_hardware {
    char     text[HARDWARE_TEXTS][HARDWARE_TEXT_MAX];
    uint32_t slots; /* for memory, filled or not; 0: unknown */
};

struct plat_memory_module {
    char     slot[HARDWARE_TEXT_MAX], bank[HARDWARE_TEXT_MAX]; /* "DIMM 0", "P0 CHANNEL A" */
    char     manufacturer[HARDWARE_TEXT_MAX], part[HARDWARE_TEXT_MAX], serial[HARDWARE_TEXT_MAX];
    char     kind[16];   /* "DDR4"; "" is unknown */
    uint64_t size_bytes; /* 0: unknown */
    uint32_t speed_mts;  /* 0: unknown */
};

typedef void plat_smbios_module_fn(void *context, const struct plat_memory_module *module);

/* version: 0x0206 for 2.6; before that a UUID was kept in another order. MALFORMED if the structures break off or contradict
 * themselves: what came before stands in *ret, and its modules were given. Texts that *ret has already stay. */
struct err plat_smbios_parse(const void *bytes, size_t len, unsigned version, plat_smbios_module_fn *each,
                             void *context, struct plat_hardware *ret);

/* "laptop", "rack mount chassis"; "" for a number that means nothing. */
const char *plat_chassis_kind(unsigned number);

/* Copies text without blanks around it; "" for a filler. */
void plat_hardware_copy(char into[HARDWARE_TEXT_MAX], const char *text, size_t len);

#endif
