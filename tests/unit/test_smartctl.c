/* What runs of smartctl come to. The texts are in the shape of its own, of disks that make their point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/collect/diskline.h"
#include "agent/collect/smartctl_health.h"
#include "fixture.h"
#include "proto/smartctl.h"

static const char *line_of(const struct plat_program_result *r, struct buf *line)
{
    struct plat_disk_health disk = { .device = "x", .answer = DISK_FOREIGN }, back;

    smartctl_health_take(r, &disk);
    buf_init(line, 2048);
    assert_int_equal(diskline_print(&disk, line).code, ERR_OK);
    assert_int_equal(diskline_parse(line->data, line->len - 1, &back).code, ERR_OK);
    assert_int_equal(back.answer, disk.answer);
    buf_cut(line, line->len - 1);
    return buf_text(line) + strlen("device=x\tanswer=");
}

static void expect(const char *name, const struct plat_program_result *r, const char *want)
{
    struct buf  line;
    const char *said = line_of(r, &line);

    if (strcmp(said, want) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, said, want);
    buf_done(&line);
}

static void a_run_tells_how_the_disk_is(void **state)
{
    static const struct {
        const char *name;
        int         status;
        const char *want;
    } cases[] = {
        { "usb-sata", 0,
          "told\tmodel=ST4000DM004-2CV104\tserial=ZFN0ABCD\tverdict=fine\ttemperature=34\tpowered_on=54730800\t"
          "error.reallocated=8\terror.bad_sector.reported=2\terror.timeout=1\terror.bad_sector.pending=16\t"
          "error.bad_sector.uncorrectable=16\terror.crc=3" },
        { "megaraid-ssd", 4,
          "told\tmodel=MZ7KH480HAHQ0D3\tserial=S47WNA0N100001\tverdict=fine\twear=0.09\ttemperature=30\t"
          "powered_on=124484400\terror.reallocated=0\terror.crc=0" },
        { "usb-failing", 8 | 16 | 64,
          "told\tmodel=WDC WD20EZRX-00D8PB0\tserial=WD-WCC4M0000001\tverdict=failing\ttemperature=38\t"
          "powered_on=144759600\terror.reallocated=1820" },
        { "megaraid-sas", 0,
          "told\tmodel=TOSHIBA AL15SEB24EQY\tserial=Y0A0A01AF1\tverdict=fine\ttemperature=32\tpowered_on=44773200\t"
          "error.reallocated=7\terror.bad_sector.reported=2" },
        { "megaraid-sas-failing", 8,
          "told\tmodel=TOSHIBA AL15SEB24EQY\tserial=Y0A0A01AF1\tverdict=failing\ttemperature=32\tpowered_on=44773200\t"
          "error.reallocated=7\terror.bad_sector.reported=2" },
        { "megaraid-sas-hot", 8,
          "told\tmodel=TOSHIBA AL15SEB24EQY\tserial=Y0A0A01AF1\tverdict=fine\ttemperature=71\tpowered_on=44773200\t"
          "error.reallocated=7\terror.bad_sector.reported=2" },
        { "megaraid-sas-ssd", 0,
          "told\tmodel=TOSHIBA "
          "PX05SVB096Y\tserial=Y0A0A01AF2\tverdict=fine\twear=0.11\ttemperature=32\tpowered_on=44773200\t"
          "error.reallocated=7\terror.bad_sector.reported=2" },
        { "usb-nvme", 0,
          "told\tmodel=CT250P2SSD8\tserial=2117E59AAAAA\tverdict=fine\twear=0.03\tspare=1\ttemperature=26\t"
          "powered_on=36529200\terror.bad_sector.media=0" },
        { "usb-nvme-hot", 8,
          "told\tmodel=CT250P2SSD8\tserial=2117E59AAAAA\tverdict=fine\twear=0.03\tspare=1\ttemperature=86\t"
          "powered_on=36529200\terror.bad_sector.media=0" },
        { "usb-nvme-worn", 8,
          "told\tmodel=CT250P2SSD8\tserial=2117E59AAAAA\tverdict=failing\twear=1\tspare=0.02\ttemperature=40\t"
          "powered_on=36529200\terror.bad_sector.media=12" },
        { "usb-nvme-partial", 0,
          "told\tmodel=CT250P2SSD8\tserial=2117E59AAAAA\tverdict=fine\ttemperature=26\tpowered_on=36529200" },
        { "raid-volume", 4,
          "silent\tmodel=DELL PERC H730P Adp\tserial=00840193\twhy=it does not tell, or its SMART is switched off" },
        { "asleep", 3, "asleep\twhy=it sleeps, and was left asleep" },
        { "asleep-os", 3, "asleep\twhy=it sleeps, and was left asleep" },
        { "no-power-mode", 3,
          "silent\twhy=it does not say whether it sleeps, so smartctl left it alone (Device is in SLEEP mode, "
          "exit(3))" },
        { "open-failed", 2,
          "failed\twhy=smartctl: Smartctl open device: /dev/bus/0 [megaraid_disk_03] failed: cannot open "
          "/dev/megaraid_sas_ioctl_node or /dev/megadev0" },
        { "open-denied", 2, "denied\twhy=smartctl: Smartctl open device: /dev/sdb failed: Permission denied" },
        { "unknown-bridge", 1,
          "foreign\twhy=smartctl cannot ask it either: /dev/sdb: Unknown USB bridge [0x048d:0x1234 (0x200)]" },
        { "absurd", 0,
          "silent\tmodel=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\tserial=S 1\t"
          "why=it does not tell, or its SMART is switched off" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_program_result r = { .end = PROGRAM_EXITED, .status = cases[i].status, .err_text = "" };
        char                       path[80], *text;

        snprintf(path, sizeof path, "smartctl/%s.json", cases[i].name);
        r.out = text = fixture_read(path, &r.out_len);
        expect(cases[i].name, &r, cases[i].want);
        free(text);
    }
}

/* The verdict is in the exit status as well, and a disk that said nothing else said that. */
static void the_bits_of_the_exit_status_are_told_apart(void **state)
{
    static const char bare[] = "{\"smartctl\":{}}", fine[] = "{\"smartctl\":{},\"smart_status\":{\"passed\":true}}";
    static const struct {
        const char *text;
        int         status;
        const char *want;
    } cases[] = {
        { fine, 0, "told\tverdict=fine" },
        { fine, 4, "told\tverdict=fine" },
        { fine, 32, "told\tverdict=fine" },
        { fine, 64 | 128, "told\tverdict=fine" },
        { fine, 16, "told\tverdict=failing" },
        { bare, 8, "told\tverdict=failing" },
        { bare, 16 | 64, "told\tverdict=failing" },
        { bare, 0, "silent\twhy=it does not tell, or its SMART is switched off" },
        { bare, 4, "silent\twhy=it does not tell, or its SMART is switched off" },
        { bare, 64, "silent\twhy=it does not tell, or its SMART is switched off" },
        { fine, 1, "foreign\twhy=smartctl cannot ask it either: " },
        { fine, 2, "failed\twhy=smartctl: " },
        { fine, 2 | 8, "failed\twhy=smartctl: " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_program_result r = {
            .end = PROGRAM_EXITED, .status = cases[i].status, .out = cases[i].text, .err_text = ""
        };
        char name[40];

        r.out_len = strlen(r.out);
        snprintf(name, sizeof name, "case %zu", i);
        expect(name, &r, cases[i].want);
    }
}

static void what_is_no_report_makes_no_figure(void **state)
{
    static const struct {
        const char                *name;
        struct plat_program_result r;
        const char                *want;
    } cases[] = {
        { "nothing",
          { .out = "" },
          "failed\twhy=smartctl printed no JSON of its own (the bytes do not parse, exit code 0): it takes version 7.0 "
          "or later" },
        { "old",
          { .out = "UNRECOGNIZED OPTION: json=c\n", .status = 1 },
          "failed\twhy=smartctl printed no JSON of its own (the bytes do not parse, exit code 1): it takes version 7.0 "
          "or later" },
        { "of others",
          { .out = "{\"smart_status\":{\"passed\":true}}" },
          "failed\twhy=smartctl printed no JSON of its own (the bytes do not parse, exit code 0): it takes version 7.0 "
          "or later" },
        { "cut",
          { .out = "{\"smartctl\":{}}", .out_cut = true },
          "failed\twhy=smartctl printed more than 262144 bytes" },
        { "late",
          { .out = "{\"smartctl\":{},\"smart_status\":{\"passed\":true}}", .end = PROGRAM_TIMED_OUT, .took_ms = 20000 },
          "failed\twhy=smartctl got no answer from it: no end within its time (killed after 20 s)" },
        { "killed",
          { .out = "", .end = PROGRAM_SIGNALLED, .signal = 11 },
          "failed\twhy=smartctl got no answer from it: killed by signal 11" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_program_result r = cases[i].r;

        r.out_len = strlen(r.out);
        expect(cases[i].name, &r, cases[i].want);
    }
}

static void half_a_report_is_none(void **state)
{
    struct smartctl_report r = { .model = "untouched" };
    size_t                 len;
    char                  *text = fixture_read("smartctl/usb-sata.json", &len), *part;

    (void)state;
    for (size_t cut = 0; cut + 2 < len; cut += 37) {
        part = malloc(cut ? cut : 1); /* of exactly this size, so that reading on is seen */
        assert_non_null(part);
        memcpy(part, text, cut);
        assert_int_equal(smartctl_report_parse(part, cut, &r).code, ERR_MALFORMED);
        free(part);
    }
    assert_string_equal(r.model, "untouched");
    free(text);
}

static void what_is_too_large_is_refused(void **state)
{
    struct smartctl_report r;
    struct buf             text;

    (void)state;
    buf_init(&text, 2 * SMARTCTL_OUTPUT_MAX);
    assert_false(failed(buf_add_text(&text, "{\"smartctl\":{}}")));
    while (text.len <= SMARTCTL_OUTPUT_MAX)
        assert_false(failed(buf_add_byte(&text, ' ')));
    assert_int_equal(smartctl_report_parse(text.data, text.len, &r).code, ERR_TOO_BIG);
    assert_int_equal(smartctl_report_parse(text.data, text.len - 1, &r).code, ERR_OK);
    buf_done(&text);
}

/* A page of SMART has no more than these. */
static void more_attributes_than_there_can_be_are_passed_over(void **state)
{
    struct smartctl_report r;
    struct buf             text;

    (void)state;
    buf_init(&text, SMARTCTL_OUTPUT_MAX);
    assert_false(failed(buf_add_text(&text, "{\"smartctl\":{},\"ata_smart_attributes\":{\"table\":[")));
    for (int i = 1; i <= 100; i++)
        assert_false(
            failed(buf_printf(&text, "%s{\"id\":%d,\"value\":1,\"flags\":{\"value\":1},\"raw\":{\"value\":%d}}",
                              i > 1 ? "," : "", i, i)));
    assert_false(failed(buf_add_text(&text, "]}}")));
    assert_int_equal(smartctl_report_parse(text.data, text.len, &r).code, ERR_OK);
    assert_int_equal(r.attribute_count, SMARTCTL_ATTRIBUTES_MAX);
    assert_int_equal(r.attributes[SMARTCTL_ATTRIBUTES_MAX - 1].raw, SMARTCTL_ATTRIBUTES_MAX);
    buf_done(&text);
}

/* ---- which disks there are ---- */

struct list {
    char   text[400];
    size_t left;
};

static bool add(void *context, const char *path, const char *type)
{
    struct list *l = context;
    size_t       len = strlen(l->text);

    snprintf(l->text + len, sizeof l->text - len, "%s %s;", path, type);
    return --l->left > 0;
}

static void a_scan_lists_what_controllers_hide(void **state)
{
    struct list l = { .left = 10 }, one = { .left = 1 };
    size_t      len;
    char       *text = fixture_read("smartctl/scan.json", &len);

    (void)state;
    assert_int_equal(smartctl_scan_parse(text, len, add, &l).code, ERR_OK);
    assert_string_equal(l.text, "/dev/bus/0 megaraid,0;/dev/bus/0 megaraid,3;");
    assert_int_equal(smartctl_scan_parse(text, len, add, &one).code, ERR_OK);
    assert_string_equal(one.text, "/dev/bus/0 megaraid,0;");
    assert_int_equal(smartctl_scan_parse(text, len / 2, add, &l).code, ERR_MALFORMED);
    free(text);
}

static void a_scan_without_disks_is_none_the_worse(void **state)
{
    static const char text[] = "{\"smartctl\":{\"exit_status\":0}}";
    struct list       l = { .left = 1 };

    (void)state;
    assert_int_equal(smartctl_scan_parse(text, strlen(text), add, &l).code, ERR_OK);
    assert_string_equal(l.text, "");
}

static void only_what_names_a_hidden_disk_becomes_an_argument(void **state)
{
    static const struct {
        const char *type;
        bool        is_one;
    } types[] = {
        { "megaraid,3", true },
        { "sat+megaraid,0", true },
        { "cciss,0", true },
        { "areca,1/2", true },
        { "3ware,11", true },
        { "aacraid,0,1,12", true },
        { "hpt,1/4/2", true },
        { "sssraid,0,1", true },
        { "sat", false },
        { "scsi", false },
        { "nvme", false },
        { "", false },
        { "megaraid", false },
        { "megaraid,", false },
        { "megaraid,3,", false },
        { "megaraid,-3", false },
        { "megaraid,3 ", false },
        { "megaraid,3;id", false },
        { "sat+", false },
        { "sat+sat+megaraid,1", false },
        { "test", false },
        { "--scan", false },
        { "-d", false },
        { "megaraidx,3", false },
        { "cciss,12345", false },
        { "cciss,1,2,3,4,5", false },
        { "jmb39x,0,force", false },
        { "megaraid,3\n", false },
    };
    static const struct {
        const char *path;
        bool        is_one;
    } paths[] = {
        { "/dev/sda", true },
        { "/dev/bus/0", true },
        { "/dev/sg2", true },
        { "/dev/cciss/c0d0", true },
        { "/dev/", false },
        { "/dev", false },
        { "/dev/../etc", false },
        { "/dev//sda", false },
        { "/dev/sda/", false },
        { "sda", false },
        { "-a", false },
        { "/dev/sda -d test", false },
        { "/etc/shadow", false },
        { "/dev/sd\xc3\xa4", false },
        { "", false },
        { "/dev/abcdefghijklmnopqrstuvwxyz012", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (smartctl_type_is_hidden_disk(types[i].type) != types[i].is_one)
            fail_msg("type \"%s\"", types[i].type);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (smartctl_path_is_device(paths[i].path) != paths[i].is_one)
            fail_msg("path \"%s\"", paths[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_how_the_disk_is),
        cmocka_unit_test(the_bits_of_the_exit_status_are_told_apart),
        cmocka_unit_test(what_is_no_report_makes_no_figure),
        cmocka_unit_test(half_a_report_is_none),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(more_attributes_than_there_can_be_are_passed_over),
        cmocka_unit_test(a_scan_lists_what_controllers_hide),
        cmocka_unit_test(a_scan_without_disks_is_none_the_worse),
        cmocka_unit_test(only_what_names_a_hidden_disk_becomes_an_argument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
