#include "platform/smbios.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"

enum { TYPE_FIRMWARE, TYPE_SYSTEM, TYPE_BOARD, TYPE_CHASSIS, TYPE_MODULE = 17, TYPE_END = 127, HEAD_BYTES = 4 };

struct structure {
    const uint8_t *at;
    size_t         len;   /* of the formatted part */
    const uint8_t *texts; /* behind it: NUL-ended, numbered from 1 */
    const uint8_t *end;   /* behind all of it, the closing NUL included */
};

static unsigned byte_at(const struct structure *s, size_t offset)
{
    return offset < s->len ? s->at[offset] : 0;
}

static unsigned word_at(const struct structure *s, size_t offset)
{
    return offset + 1 < s->len ? s->at[offset] | (unsigned)s->at[offset + 1] << 8 : 0;
}

static uint32_t number_at(const struct structure *s, size_t offset)
{
    return offset + 3 < s->len ? word_at(s, offset) | (uint32_t)word_at(s, offset + 2) << 16 : 0;
}

/* ---- texts ---- */

static bool same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char lower = *a >= 'A' && *a <= 'Z' ? (char)(*a + 'a' - 'A') : *a;
        if (lower != *b)
            return false;
    }
    return !*a && !*b;
}

/* What makers leave in when they have nothing to say. */
static bool is_filler(const char *text)
{
    static const char *const fillers[] = {
        "to be filled by o.e.m.",
        "to be filled by o.e.m",
        "not specified",
        "not available",
        "not applicable",
        "default string",
        "system manufacturer",
        "system product name",
        "system version",
        "system serial number",
        "base board serial number",
        "chassis serial number",
        "chassis manufacture",
        "asset-1234567890",
        "no asset tag",
        "no asset information",
        "none",
        "n/a",
        "na",
        "unknown",
        "undefined",
        "sku",
        "type1family",
        "o.e.m.",
        "oem",
        "empty",
        "null",
        "0123456789",
        "123456789",
        "no dimm",
        "not provided",
        "invalid",
        "xxxxxxx",
    };

    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        if (same_word(text, fillers[i]))
            return true;
    return text[strspn(text, "0")] == '\0' || text[strspn(text, ".")] == '\0' || text[strspn(text, "fF")] == '\0';
}

void plat_hardware_copy(char into[HARDWARE_TEXT_MAX], const char *text, size_t len)
{
    while (len && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        len--;
    }
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    if (len >= HARDWARE_TEXT_MAX)
        len = HARDWARE_TEXT_MAX - 1;
    memcpy(into, text, len);
    into[len] = '\0';
    if (is_filler(into))
        into[0] = '\0';
}

static void copy_text(const struct structure *s, size_t offset, char into[HARDWARE_TEXT_MAX])
{
    unsigned       number = byte_at(s, offset);
    const uint8_t *at = s->texts;

    if (into[0] || number == 0)
        return;
    while (--number && at < s->end && *at)
        at += strnlen((const char *)at, (size_t)(s->end - at)) + 1;
    if (at < s->end)
        plat_hardware_copy(into, (const char *)at, strnlen((const char *)at, (size_t)(s->end - at)));
}

const char *plat_chassis_kind(unsigned number)
{
    static const char *const kinds[] = {
        [3] = "desktop",
        [4] = "low profile desktop",
        [5] = "pizza box",
        [6] = "mini tower",
        [7] = "tower",
        [8] = "portable",
        [9] = "laptop",
        [10] = "notebook",
        [11] = "hand held",
        [12] = "docking station",
        [13] = "all in one",
        [14] = "sub notebook",
        [15] = "space-saving",
        [16] = "lunch box",
        [17] = "main server chassis",
        [18] = "expansion chassis",
        [22] = "RAID chassis",
        [23] = "rack mount chassis",
        [24] = "sealed-case PC",
        [25] = "multi-system chassis",
        [28] = "blade",
        [29] = "blade enclosure",
        [30] = "tablet",
        [31] = "convertible",
        [32] = "detachable",
        [33] = "IoT gateway",
        [34] = "embedded PC",
        [35] = "mini PC",
        [36] = "stick PC",
    };

    return number < ARRAY_LEN(kinds) && kinds[number] ? kinds[number] : "";
}

/* ---- the machine ---- */

static const struct {
    uint8_t                 type, offset;
    enum plat_hardware_text text;
} rows[] = {
    { TYPE_FIRMWARE, 0x04, HARDWARE_FIRMWARE_VENDOR },
    { TYPE_FIRMWARE, 0x05, HARDWARE_FIRMWARE_VERSION },
    { TYPE_FIRMWARE, 0x08, HARDWARE_FIRMWARE_DATE },
    { TYPE_SYSTEM, 0x04, HARDWARE_MANUFACTURER },
    { TYPE_SYSTEM, 0x05, HARDWARE_PRODUCT },
    { TYPE_SYSTEM, 0x06, HARDWARE_VERSION },
    { TYPE_SYSTEM, 0x07, HARDWARE_SERIAL },
    { TYPE_SYSTEM, 0x19, HARDWARE_SKU },
    { TYPE_SYSTEM, 0x1a, HARDWARE_FAMILY },
    { TYPE_BOARD, 0x04, HARDWARE_BOARD_MANUFACTURER },
    { TYPE_BOARD, 0x05, HARDWARE_BOARD_PRODUCT },
    { TYPE_BOARD, 0x06, HARDWARE_BOARD_VERSION },
    { TYPE_BOARD, 0x07, HARDWARE_BOARD_SERIAL },
    { TYPE_CHASSIS, 0x04, HARDWARE_CHASSIS_MANUFACTURER },
    { TYPE_CHASSIS, 0x07, HARDWARE_CHASSIS_SERIAL },
    { TYPE_CHASSIS, 0x08, HARDWARE_ASSET_TAG },
};

/* The first three parts are little-endian since 2.6, as everybody had kept them before. */
static void copy_uuid(const struct structure *s, unsigned version, char *into)
{
    static const uint8_t swapped[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
    const uint8_t       *uuid = s->at + 0x08;
    unsigned             all = 0xff, any = 0;
    size_t               n = 0;

    if (s->len < 0x18 || into[0])
        return;
    for (size_t i = 0; i < sizeof swapped; i++) {
        all &= uuid[i];
        any |= uuid[i];
    }
    if (all == 0xff || any == 0)
        return;
    for (size_t i = 0; i < sizeof swapped; i++)
        n +=
            (size_t)snprintf(into + n, HARDWARE_TEXT_MAX - n, "%s%02x",
                             i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[version < 0x0206 ? i : swapped[i]]);
}

/* ---- memory ---- */

static const char *memory_kind(unsigned number)
{
    static const char *const kinds[] = {
        [0x0f] = "SDRAM", [0x12] = "DDR",   [0x13] = "DDR2",   [0x14] = "DDR2",   [0x18] = "DDR3",
        [0x1a] = "DDR4",  [0x1b] = "LPDDR", [0x1c] = "LPDDR2", [0x1d] = "LPDDR3", [0x1e] = "LPDDR4",
        [0x20] = "HBM",   [0x21] = "HBM2",  [0x22] = "DDR5",   [0x23] = "LPDDR5", [0x24] = "HBM3",
    };

    return number < ARRAY_LEN(kinds) && kinds[number] ? kinds[number] : "";
}

/* False: the slot is empty. */
static bool module_size(const struct structure *s, uint64_t *ret)
{
    unsigned size = word_at(s, 0x0c);

    if (size == 0)
        return false;
    if (size == 0xffff)
        *ret = 0;
    else if (size == 0x7fff)
        *ret = (uint64_t)(number_at(s, 0x1c) & 0x7fffffff) << 20;
    else
        *ret = size & 0x8000 ? (uint64_t)(size & 0x7fff) << 10 : (uint64_t)size << 20;
    return true;
}

static void take_module(const struct structure *s, plat_smbios_module_fn *each, void *context)
{
    struct plat_memory_module m = { .speed_mts = word_at(s, 0x15) };

    if (!module_size(s, &m.size_bytes))
        return;
    if (m.speed_mts == 0xffff)
        m.speed_mts = number_at(s, 0x54) & 0x7fffffff;
    snprintf(m.kind, sizeof m.kind, "%s", memory_kind(byte_at(s, 0x12)));
    copy_text(s, 0x10, m.slot);
    copy_text(s, 0x11, m.bank);
    copy_text(s, 0x17, m.manufacturer);
    copy_text(s, 0x18, m.serial);
    copy_text(s, 0x1a, m.part);
    each(context, &m);
}

/* ---- structure by structure ---- */

static bool next_structure(const uint8_t *at, size_t len, struct structure *ret)
{
    size_t end;

    if (len < HEAD_BYTES || at[1] < HEAD_BYTES || at[1] > len)
        return false;
    for (end = at[1]; end + 1 < len && (at[end] || at[end + 1]); end++)
        ;
    if (end + 1 >= len)
        return false;
    *ret = (struct structure){ at, at[1], at + at[1], at + end + 2 };
    return true;
}

static void take(const struct structure *s, unsigned version, plat_smbios_module_fn *each, void *context,
                 struct plat_hardware *ret)
{
    unsigned type = s->at[0];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].type == type)
            copy_text(s, rows[i].offset, ret->text[rows[i].text]);
    if (type == TYPE_SYSTEM)
        copy_uuid(s, version, ret->text[HARDWARE_UUID]);
    if (type == TYPE_CHASSIS && !ret->text[HARDWARE_CHASSIS_KIND][0])
        snprintf(ret->text[HARDWARE_CHASSIS_KIND], HARDWARE_TEXT_MAX, "%s", plat_chassis_kind(byte_at(s, 5) & 0x7f));
    if (type == TYPE_MODULE) {
        ret->slots++;
        take_module(s, each, context);
    }
}

struct err plat_smbios_parse(const void *bytes, size_t len, unsigned version, plat_smbios_module_fn *each,
                             void *context, struct plat_hardware *ret)
{
    const uint8_t   *at = bytes, *end = at + len;
    struct structure s;

    while (at < end) {
        if (!next_structure(at, (size_t)(end - at), &s))
            return err_of(ERR_MALFORMED, "reading the firmware's tables");
        if (s.at[0] == TYPE_END)
            break;
        take(&s, version, each, context, ret);
        at = s.end;
    }
    return err_ok();
}
