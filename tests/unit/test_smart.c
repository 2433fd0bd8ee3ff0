#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "agent/collect/diskline.h"
#include "fixture.h"

static uint8_t *page(const char *name, size_t *ret_len)
{
    char   path[80];
    size_t len;
    char  *bytes;

    snprintf(path, sizeof path, "smart/%s", name);
    bytes = fixture_read(path, ret_len ? ret_len : &len);
    return (uint8_t *)bytes;
}

/* What is known, as the probe would print it. */
static void expect(const struct smart_health *h, const char *want)
{
    struct plat_disk_health disk = { .device = "x", .answer = DISK_TOLD, .health = *h };
    struct buf              line;
    const char             *said;

    buf_init(&line, 4096);
    assert_int_equal(diskline_print(&disk, &line).code, ERR_OK);
    said = strstr(buf_text(&line), "verdict=");
    assert_non_null(said);
    if (strncmp(said, want, strlen(want)) != 0 || strcmp(said + strlen(want), "\n") != 0)
        fail_msg("%s instead of %s", said, want);
    buf_done(&line);
}

static void a_disk_says_who_it_is(void **state)
{
    static const struct {
        const char *name, *model, *serial;
        bool        on, ssd, logs;
    } cases[] = {
        { "ata-identity-hdd", "ST4000DM004-2CV104", "ZFN0ABCD", true, false, true },
        { "ata-identity-ssd", "Samsung SSD 870 EVO 1TB", "S6PUNX0T123456A", true, true, true },
        { "ata-identity-off", "WDC WD10EZEX-08WN4A0", "WD-WCC6Y0ABCDEF", false, false, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t         *bytes = page(cases[i].name, NULL);
        struct smart_ata a;

        assert_int_equal(smart_ata_identity_parse(bytes, &a).code, ERR_OK);
        assert_string_equal(a.model, cases[i].model);
        assert_string_equal(a.serial, cases[i].serial);
        assert_true(a.has_smart);
        assert_int_equal(a.smart_is_on, cases[i].on);
        assert_int_equal(a.is_ssd, cases[i].ssd);
        assert_int_equal(a.has_logs, cases[i].logs);
        bytes[60]++;
        assert_int_equal(smart_ata_identity_parse(bytes, &a).code, ERR_MALFORMED);
        free(bytes);
    }
}

static void attributes_become_a_verdict_and_counts(void **state)
{
    static const struct {
        const char *data, *thresholds, *want;
        bool        ssd;
    } cases[] = {
        { "ata-data-hdd", "ata-thresholds-hdd",
          "verdict=fine\ttemperature=31\tpowered_on=70394400\terror.reallocated=0\terror.bad_sector.reported=0"
          "\terror.timeout=1\terror.bad_sector.pending=0\terror.bad_sector.uncorrectable=0\terror.crc=0",
          false },
        { "ata-data-hdd-failing", "ata-thresholds-hdd",
          "verdict=failing\ttemperature=31\tpowered_on=70394400\terror.reallocated=3912\terror.bad_sector.reported=812"
          "\terror.timeout=1\terror.bad_sector.pending=1184\terror.bad_sector.uncorrectable=1184\terror.crc=0",
          false },
        { "ata-data-ssd", "ata-thresholds-ssd",
          "verdict=fine\twear=0.13\ttemperature=29\tpowered_on=58363200\terror.reallocated=0"
          "\terror.bad_sector.reported=0\terror.crc=3",
          true },
        { "ata-data-ssd", NULL,
          "verdict=unknown\ttemperature=29\tpowered_on=58363200\terror.reallocated=0\terror.bad_sector.reported=0"
          "\terror.crc=3",
          false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t            *data = page(cases[i].data, NULL);
        uint8_t            *thresholds = cases[i].thresholds ? page(cases[i].thresholds, NULL) : NULL;
        struct smart_health h;

        smart_health_init(&h);
        assert_int_equal(smart_ata_parse(data, thresholds, cases[i].ssd, &h).code, ERR_OK);
        expect(&h, cases[i].want);
        data[100] ^= 1;
        assert_int_equal(smart_ata_parse(data, thresholds, cases[i].ssd, &h).code, ERR_MALFORMED);
        free(data);
        free(thresholds);
    }
}

static void what_the_disk_said_of_itself_is_not_softened_by_its_attributes(void **state)
{
    uint8_t            *data = page("ata-data-hdd", NULL), *thresholds = page("ata-thresholds-hdd", NULL);
    struct smart_health h;

    (void)state;
    smart_health_init(&h);
    h.verdict = SMART_FAILING;
    assert_int_equal(smart_ata_parse(data, thresholds, false, &h).code, ERR_OK);
    assert_int_equal(h.verdict, SMART_FAILING);
    free(data);
    free(thresholds);
}

static void device_statistics_say_better_how_worn_it_is(void **state)
{
    uint8_t            *bytes = page("ata-statistics-ssd", NULL);
    struct smart_health h;

    (void)state;
    smart_health_init(&h);
    assert_int_equal(smart_ata_statistics_parse(bytes, &h).code, ERR_OK);
    assert_true(h.wear == 0.14);
    bytes[15] = 0x80; /* supported, but not valid */
    smart_health_init(&h);
    assert_int_equal(smart_ata_statistics_parse(bytes, &h).code, ERR_OK);
    assert_true(isnan(h.wear));
    bytes[2] = 1;
    assert_int_equal(smart_ata_statistics_parse(bytes, &h).code, ERR_MALFORMED);
    free(bytes);
}

static void nvme_warns_of_itself(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        { "nvme-healthy",
          "verdict=fine\twear=0.03\tspare=1\ttemperature=38\tpowered_on=32842800\terror.bad_sector.media=0" },
        { "nvme-worn",
          "verdict=fine\twear=1\tspare=0.62\ttemperature=68\tpowered_on=32842800\terror.bad_sector.media=0" },
        { "nvme-failing",
          "verdict=failing\twear=0.81\tspare=0.04\ttemperature=38\tpowered_on=32842800\terror.bad_sector.media=17" },
        { "nvme-hot",
          "verdict=fine\twear=0.03\tspare=1\ttemperature=85\tpowered_on=32842800\terror.bad_sector.media=0" },
    };
    static const uint8_t nothing[SMART_PAGE_BYTES];
    struct smart_health  h;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t *bytes = page(cases[i].name, NULL);

        smart_health_init(&h);
        assert_int_equal(smart_nvme_parse(bytes, &h).code, ERR_OK);
        expect(&h, cases[i].want);
        free(bytes);
    }
    assert_int_equal(smart_nvme_parse(nothing, &h).code, ERR_MALFORMED);
}

static void scsi_tells_in_log_pages(void **state)
{
    static const struct {
        const char *name, *want;
        struct err (*parse)(const uint8_t *bytes, size_t len, struct smart_health *h);
    } cases[] = {
        { "scsi-exceptions-fine", "verdict=fine\ttemperature=34", smart_scsi_exceptions_parse },
        { "scsi-exceptions-failing", "verdict=failing\ttemperature=51", smart_scsi_exceptions_parse },
        { "scsi-media-ssd", "verdict=unknown\twear=0.23", smart_scsi_media_parse },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t              len;
        uint8_t            *bytes = page(cases[i].name, &len);
        struct smart_health h;

        smart_health_init(&h);
        assert_int_equal(cases[i].parse(bytes, len, &h).code, ERR_OK);
        expect(&h, cases[i].want);
        for (size_t shorter = 0; shorter < len; shorter++)
            assert_int_equal(cases[i].parse(bytes, shorter, &h).code, ERR_MALFORMED);
        bytes[0] = 0x0d;
        assert_int_equal(cases[i].parse(bytes, len, &h).code, ERR_MALFORMED);
        free(bytes);
    }
}

static void registers_come_as_sense_data(void **state)
{
    static const struct {
        const char            *name;
        struct smart_registers want;
    } cases[] = {
        { "sense-descriptor-active", { .status = 0x50, .count = 0xff } },
        { "sense-descriptor-standby", { .status = 0x50, .count = 0x00 } },
        { "sense-descriptor-exceeded", { .status = 0x50, .lba_mid = 0xf4, .lba_high = 0x2c } },
        { "sense-fixed-active", { .status = 0x50, .count = 0xff } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t                 len;
        uint8_t               *bytes = page(cases[i].name, &len);
        struct smart_registers r;

        assert_int_equal(smart_registers_parse(bytes, len, &r).code, ERR_OK);
        assert_memory_equal(&r, &cases[i].want, sizeof r);
        assert_int_equal(smart_registers_parse(bytes, len - 1, &r).code, ERR_MALFORMED);
        bytes[0] = 0x70 ^ 0x01; /* deferred: of another command */
        assert_int_equal(smart_registers_parse(bytes, len, &r).code, ERR_MALFORMED);
        free(bytes);
    }
}

static void a_line_says_again_what_was_printed(void **state)
{
    struct plat_disk_health disk = { .device = "sda", .model = "M", .serial = "S N", .answer = DISK_TOLD }, back;
    struct buf              first, second;

    (void)state;
    smart_health_init(&disk.health);
    disk.health.verdict = SMART_FAILING;
    disk.health.wear = 0.1;
    disk.health.errors[0] = (struct smart_error){ smart_error_kind("crc"), 12345678901ull };
    disk.health.error_count = 1;
    buf_init(&first, 4096);
    buf_init(&second, 4096);
    assert_int_equal(diskline_print(&disk, &first).code, ERR_OK);
    assert_int_equal(diskline_parse(first.data, first.len - 1, &back).code, ERR_OK);
    assert_int_equal(diskline_print(&back, &second).code, ERR_OK);
    assert_string_equal(buf_text(&first), buf_text(&second));
    buf_done(&first);
    buf_done(&second);
}

static void a_line_of_another_form_is_malformed(void **state)
{
    static const struct {
        const char   *line;
        enum err_code code;
    } cases[] = {
        { "device=sda\tanswer=asleep", ERR_OK },
        { "device=sda\tanswer=told\tnew=1\terror.unheard=5", ERR_OK },
        { "", ERR_MALFORMED },
        { "answer=told", ERR_MALFORMED },
        { "device=", ERR_MALFORMED },
        { "device", ERR_MALFORMED },
        { "device=sda\tanswer=perhaps", ERR_MALFORMED },
        { "device=sda\tverdict=good", ERR_MALFORMED },
        { "device=sda\twear=2", ERR_MALFORMED },
        { "device=sda\twear=-0.1", ERR_MALFORMED },
        { "device=sda\twear=nan", ERR_MALFORMED },
        { "device=sda\twear=", ERR_MALFORMED },
        { "device=sda\terror.crc=1x", ERR_MALFORMED },
        { "device=sda\terror.crc=1\terror.crc=1", ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_disk_health disk;

        if (diskline_parse(cases[i].line, strlen(cases[i].line), &disk).code != cases[i].code)
            fail_msg("\"%s\"", cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_says_who_it_is),
        cmocka_unit_test(attributes_become_a_verdict_and_counts),
        cmocka_unit_test(what_the_disk_said_of_itself_is_not_softened_by_its_attributes),
        cmocka_unit_test(device_statistics_say_better_how_worn_it_is),
        cmocka_unit_test(nvme_warns_of_itself),
        cmocka_unit_test(scsi_tells_in_log_pages),
        cmocka_unit_test(registers_come_as_sense_data),
        cmocka_unit_test(a_line_says_again_what_was_printed),
        cmocka_unit_test(a_line_of_another_form_is_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
