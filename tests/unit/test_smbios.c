#include "check.h"

#include "platform/buf.h"
#include "platform/smbios.h"

/* ---- tables made by hand, after DSP0134 ---- */

struct tables {
    uint8_t bytes[4096];
    size_t  len;
};

/* texts: each ended by NUL, the last by two. */
static uint8_t *put(struct tables *t, uint8_t type, uint8_t formatted, const char *texts, size_t texts_len)
{
    uint8_t *at = t->bytes + t->len;

    memset(at, 0, formatted);
    at[0] = type;
    at[1] = formatted;
    memcpy(at + formatted, texts, texts_len);
    t->len += formatted + texts_len;
    return at;
}
#define PUT(t, type, formatted, texts) put(t, type, formatted, texts, sizeof(texts))

static uint8_t *put_module(struct tables *t, uint16_t size, uint32_t extended, const char *texts, size_t len)
{
    uint8_t *at = put(t, 17, 0x22, texts, len);

    at[0x0c] = (uint8_t)size;
    at[0x0d] = (uint8_t)(size >> 8);
    at[0x10] = 1;
    at[0x11] = 2;
    at[0x12] = 0x1a;
    at[0x15] = 0x80;
    at[0x16] = 0x0c; /* 3200 */
    at[0x17] = 3;
    at[0x18] = 4;
    at[0x1a] = 5;
    for (int i = 0; i < 4; i++)
        at[0x1c + i] = (uint8_t)(extended >> (8 * i));
    return at;
}

static void make_server(struct tables *t)
{
    static const char module[] = "DIMM A1\0P0 CHANNEL A\0Samsung \0" "01234567\0M393A4K40DB3-CWE  \0";
    uint8_t          *at;

    t->len = 0;
    at = PUT(t, 0, 0x18, "Dell Inc.\0" "2.19.1\0" "06/04/2024\0");
    at[4] = 1;
    at[5] = 2;
    at[8] = 3;
    at = PUT(t, 1, 0x1b, "Dell Inc.\0PowerEdge R750\0Not Specified\0ABC1234\0SKU=090E;ModelName=PowerEdge R750\0PowerEdge\0");
    for (uint8_t i = 0; i < 16; i++)
        at[8 + i] = (uint8_t)(i * 0x11);
    at[4] = 1;
    at[5] = 2;
    at[6] = 3;
    at[7] = 4;
    at[0x19] = 5;
    at[0x1a] = 6;
    at = PUT(t, 2, 0x0f, "Dell Inc.\0" "0PJ80M\0A02\0.ABC1234.CNFCP0012300AB.\0");
    at[4] = 1;
    at[5] = 2;
    at[6] = 3;
    at[7] = 4;
    at = PUT(t, 3, 0x16, "Dell Inc.\0To Be Filled By O.E.M.\0Asset 7\0");
    at[4] = 1;
    at[5] = 0x80 | 23; /* with a lock */
    at[7] = 2;
    at[8] = 3;
    put_module(t, 0x7fff, 32 << 10, module, sizeof module);
    put_module(t, 0, 0, "DIMM A2\0P0 CHANNEL B\0", 22);
    put_module(t, 16 << 10, 0, "DIMM A3\0P0 CHANNEL C\0NO DIMM\0", 30);
    put_module(t, 0xffff, 0, "DIMM A4\0P0 CHANNEL D\0", 22);
    put_module(t, 0x8000 | 512, 0, "DIMM A5\0P0 CHANNEL E\0", 22);
    PUT(t, 127, 4, "\0");
    PUT(t, 1, 0x1b, "behind the end\0")[4] = 1;
}

struct seen {
    struct plat_memory_module modules[8];
    size_t                    count;
};

static void on_module(void *context, const struct plat_memory_module *m)
{
    struct seen *s = context;

    if (s->count < ARRAY_LEN(s->modules))
        s->modules[s->count] = *m;
    s->count++;
}

static void a_server_describes_itself(void **state)
{
    static const char *const want[HARDWARE_TEXTS] = {
        [HARDWARE_MANUFACTURER] = "Dell Inc.",       [HARDWARE_PRODUCT] = "PowerEdge R750",
        [HARDWARE_VERSION] = "",                     [HARDWARE_SERIAL] = "ABC1234",
        [HARDWARE_UUID] = "33221100-5544-7766-8899-aabbccddeeff",
        [HARDWARE_SKU] = "SKU=090E;ModelName=PowerEdge R750", [HARDWARE_FAMILY] = "PowerEdge",
        [HARDWARE_BOARD_MANUFACTURER] = "Dell Inc.", [HARDWARE_BOARD_PRODUCT] = "0PJ80M",
        [HARDWARE_BOARD_VERSION] = "A02",            [HARDWARE_BOARD_SERIAL] = ".ABC1234.CNFCP0012300AB.",
        [HARDWARE_CHASSIS_KIND] = "rack mount chassis", [HARDWARE_CHASSIS_MANUFACTURER] = "Dell Inc.",
        [HARDWARE_CHASSIS_SERIAL] = "",              [HARDWARE_ASSET_TAG] = "Asset 7",
        [HARDWARE_FIRMWARE_VENDOR] = "Dell Inc.",    [HARDWARE_FIRMWARE_VERSION] = "2.19.1",
        [HARDWARE_FIRMWARE_DATE] = "06/04/2024",
    };
    struct plat_hardware h = { .slots = 0 };
    struct tables        t;
    struct seen          s = { .count = 0 };

    (void)state;
    make_server(&t);
    assert_false(failed(plat_smbios_parse(t.bytes, t.len, 0x0303, on_module, &s, &h)));
    for (size_t i = 0; i < HARDWARE_TEXTS; i++)
        assert_string_equal(h.text[i], want[i]);
    assert_int_equal(h.slots, 5);
    assert_int_equal(s.count, 4);
    assert_string_equal(s.modules[0].slot, "DIMM A1");
    assert_string_equal(s.modules[0].bank, "P0 CHANNEL A");
    assert_string_equal(s.modules[0].manufacturer, "Samsung");
    assert_string_equal(s.modules[0].serial, "01234567");
    assert_string_equal(s.modules[0].part, "M393A4K40DB3-CWE");
    assert_string_equal(s.modules[0].kind, "DDR4");
    assert_int_equal(s.modules[0].speed_mts, 3200);
    assert_true(s.modules[0].size_bytes == 32ull << 30);
    assert_true(s.modules[1].size_bytes == 16ull << 30);
    assert_string_equal(s.modules[1].manufacturer, "");
    assert_true(s.modules[2].size_bytes == 0); /* unknown */
    assert_true(s.modules[3].size_bytes == 512 << 10);
}

static void before_2_6_a_uuid_stood_in_its_written_order(void **state)
{
    struct plat_hardware h = { .slots = 0 };
    struct tables        t;
    struct seen          s = { .count = 0 };

    (void)state;
    make_server(&t);
    assert_false(failed(plat_smbios_parse(t.bytes, t.len, 0x0205, on_module, &s, &h)));
    assert_string_equal(h.text[HARDWARE_UUID], "00112233-4455-6677-8899-aabbccddeeff");
}

static void fillers_are_nothing(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "To Be Filled By O.E.M.", "" }, { "Default string", "" }, { "  ABC  ", "ABC" }, { "0000000000", "" },
        { "System Serial Number", "" },   { "........", "" },       { "None", "" },       { "", "" },
        { "FFFFFFFF", "" },               { "Default", "Default" }, { "0A", "0A" },       { "x", "x" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char into[HARDWARE_TEXT_MAX];

        plat_hardware_copy(into, cases[i].text, strlen(cases[i].text));
        assert_string_equal(into, cases[i].want);
    }
}

/* Cut anywhere it is either refused or was cut between two structures, and nothing is read beyond. */
static void tables_that_break_off_are_said_to(void **state)
{
    struct tables t;
    size_t        sound = 0;

    (void)state;
    make_server(&t);
    for (size_t cut = 0; cut <= t.len; cut++) {
        struct plat_hardware h = { .slots = 0 };
        struct seen          s = { .count = 0 };
        uint8_t             *copy = malloc(cut ? cut : 1);

        assert_non_null(copy);
        memcpy(copy, t.bytes, cut);
        sound += !failed(plat_smbios_parse(copy, cut, 0x0303, on_module, &s, &h));
        free(copy);
    }
    assert_true(sound >= 10 && sound < 64); /* ten structures, and what comes behind the last */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_describes_itself),
        cmocka_unit_test(before_2_6_a_uuid_stood_in_its_written_order),
        cmocka_unit_test(fillers_are_nothing),
        cmocka_unit_test(tables_that_break_off_are_said_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
