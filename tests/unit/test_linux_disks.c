#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/parse.h"

struct seen {
    struct buf       names;
    uint64_t         major_number; /* of the disk looked for */
    char             wanted[PLAT_DISK_NAME_MAX];
    struct plat_disk disk;
};

static void on_row(void *context, const struct plat_disk *disk, uint64_t major_number)
{
    struct seen *s = context;

    assert_int_equal(buf_printf(&s->names, "%s ", disk->name).code, ERR_OK);
    if (strcmp(disk->name, s->wanted) == 0) {
        s->disk = *disk;
        s->major_number = major_number;
    }
}

static struct err parse(struct seen *s, const char *wanted, const char *text, size_t len)
{
    *s = (struct seen){ 0 };
    strcpy(s->wanted, wanted);
    buf_init(&s->names, 1 << 20);
    return plat_diskstats_parse(text, len, on_row, s);
}

static void captured_files_give_every_row(void **state)
{
    static const struct {
        const char *name, *rows, *disk;
        uint64_t    major_number, reads, read_bytes, writes, written_bytes, busy_ms, read_ms, write_ms, under_way;
    } cases[] = {
        { "linux/diskstats/debian12-6.18-virtio", "loop0 loop1 loop2 loop3 loop4 loop5 loop6 loop7 vda zram0 ", "loop1",
          7, 0, 0, 0, 0, 0, 0, 0, 0 },
        { "linux/diskstats/rhel7-3.10-lvm", "sda sda1 sda2 sr0 dm-0 dm-1 ", "sda", 8, 66492, 3404102 * 512ull, 180214,
          7330246 * 512ull, 118811, 61325, 321060, 0 },
        { "linux/diskstats/server-5.14-nvme", "nvme0n1 nvme0n1p1 nvme0n1p2 nvme1n1 md0 loop0 sdb zram0 ", "nvme0n1",
          259, 1948203, 301920440 * 512ull, 8920114, 1120398840 * 512ull, 2910390, 602917, 8120029, 3 },
        { "linux/diskstats/linux-2.6.18-partitions", "ram0 sda cciss/c0d0 ", "cciss/c0d0", 104, 100, 800 * 512ull, 50,
          400 * 512ull, 30, 20, 10, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t      len;
        char       *text = fixture_read(cases[i].name, &len);
        struct seen s;

        assert_int_equal(parse(&s, cases[i].disk, text, len).code, ERR_OK);
        assert_string_equal(buf_text(&s.names), cases[i].rows);
        assert_int_equal(s.major_number, cases[i].major_number);
        if (cases[i].reads) {
            assert_int_equal(s.disk.reads, cases[i].reads);
            assert_int_equal(s.disk.read_bytes, cases[i].read_bytes);
            assert_int_equal(s.disk.writes, cases[i].writes);
            assert_int_equal(s.disk.written_bytes, cases[i].written_bytes);
            assert_int_equal(s.disk.busy_ms, cases[i].busy_ms);
            assert_int_equal(s.disk.read_ms, cases[i].read_ms);
            assert_int_equal(s.disk.write_ms, cases[i].write_ms);
            assert_int_equal(s.disk.under_way, cases[i].under_way);
        }
        buf_done(&s.names);
        free(text);
    }
}

static void odd_texts_are_told_apart(void **state)
{
    static const struct {
        const char   *name, *text;
        enum err_code want;
        const char   *rows;
    } cases[] = {
        { "a machine without disks", "", ERR_OK, "" },
        { "another file", "MemTotal: 1 kB\n", ERR_MALFORMED, "" },
        { "cut in the second row", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n 8 16 sdb 1 2 3", ERR_OK, "sda " },
        { "no name", " 8 0\n", ERR_MALFORMED, "" },
        { "sectors that are no number of bytes", " 8 0 sda 1 2 18446744073709551615 4 5 6 7 8 9 10 11\n", ERR_MALFORMED,
          "" },
        { "over 64 bits", " 8 0 sda 1 2 3 4 18446744073709551616 6 7 8 9 10 11\n", ERR_MALFORMED, "" },
        { "a name without an end",
          " 8 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 2 3 4 5 6 7 8 9 10 11\n",
          ERR_MALFORMED, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s;

        if (parse(&s, "", cases[i].text, strlen(cases[i].text)).code != cases[i].want)
            fail_msg("%s", cases[i].name);
        assert_string_equal(buf_text(&s.names), cases[i].rows);
        buf_done(&s.names);
    }
}

static void refuse(void *context, const struct plat_disk *disk)
{
    (void)context;
    if (strncmp(disk->name, "loop", 4) == 0 || strncmp(disk->name, "ram", 3) == 0 ||
        strncmp(disk->name, "dm-", 3) == 0 || strncmp(disk->name, "zram", 4) == 0 || strncmp(disk->name, "sr", 2) == 0)
        fail_msg("%s is no physical disk", disk->name);
}

static void only_physical_disks_are_given(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct err e = plat_disks_read(refuse, NULL);

        assert_true(e.code == ERR_OK || e.code == ERR_UNSUPPORTED);
    }
    plat_disks_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_every_row),
        cmocka_unit_test(odd_texts_are_told_apart),
        cmocka_unit_test(only_physical_disks_are_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
