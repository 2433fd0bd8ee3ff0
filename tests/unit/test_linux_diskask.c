/* The questions to a disk, asked of one that is made of fixtures: what the kernel would carry is answered here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/ioctl.h>

static int disk_answers(int fd, unsigned long request, void *argument);
#define ioctl(fd, request, argument) disk_answers(fd, request, argument)
#include "platform/linux/diskask.c"

#include "fixture.h"

/* The disk of this test. */
static struct {
    const char *identity, *data, *thresholds, *power, *status, *nvme, *exceptions;
    int         refuses; /* errno */
    int         nvme_status;
    unsigned    commands, spinning; /* how many were asked, and how many of those need the motor */
} disk;

static size_t give(const char *name, void *into, size_t size)
{
    char   path[80];
    size_t len;
    char  *bytes;

    snprintf(path, sizeof path, "smart/%s", name);
    bytes = fixture_read(path, &len);
    assert_true(len <= size);
    memcpy(into, bytes, len);
    free(bytes);
    return len;
}

static void fail_command(sg_io_hdr_t *io)
{
    static const uint8_t illegal[] = { 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0 };

    memcpy(io->sbp, illegal, sizeof illegal);
    io->sb_len_wr = sizeof illegal;
    io->status = 2;
}

static void answer_ata(sg_io_hdr_t *io)
{
    const uint8_t *c = io->cmdp;
    const char    *page = NULL, *registers = NULL;

    assert_int_equal(io->cmd_len, 16);
    disk.commands++;
    disk.spinning += c[14] == SMART || c[14] == READ_LOG;
    if (c[14] == CHECK_POWER_MODE)
        registers = disk.power;
    else if (c[14] == IDENTIFY)
        page = disk.identity;
    else if (c[14] == SMART && c[4] == SMART_STATUS)
        registers = disk.status;
    else if (c[14] == SMART)
        page = c[4] == SMART_DATA ? disk.data : disk.thresholds;
    if (c[14] == SMART)
        assert_true(c[10] == 0x4f && c[12] == 0xc2);
    if (page) {
        assert_int_equal(c[1], 4 << 1);
        assert_int_equal(io->dxfer_len, SMART_PAGE_BYTES);
        give(page, io->dxferp, io->dxfer_len);
    } else if (registers) {
        assert_true(c[2] & 0x20);
        io->sb_len_wr = (unsigned char)give(registers, io->sbp, io->mx_sb_len);
        io->status = 2;
    } else {
        fail_command(io);
    }
}

static int answer_sg(sg_io_hdr_t *io)
{
    if (io->cmdp[0] == PASS_THROUGH)
        answer_ata(io);
    else if (io->cmdp[0] == LOG_SENSE && io->cmdp[2] == (0x40 | 0x2f) && disk.exceptions)
        give(disk.exceptions, io->dxferp, io->dxfer_len);
    else if (io->cmdp[0] != TEST_UNIT_READY)
        fail_command(io);
    return 0;
}

static int disk_answers(int fd, unsigned long request, void *argument)
{
    struct nvme_admin_cmd *admin = argument;

    assert_int_equal(fd, 7);
    if (disk.refuses) {
        errno = disk.refuses;
        return -1;
    }
    if (request == SG_IO)
        return answer_sg(argument);
    assert_int_equal((uint32_t)request, NVME_IOCTL_ADMIN_CMD); /* of which the kernel takes 32 bits */
    assert_int_equal(admin->opcode, 2);
    assert_int_equal(admin->cdw10, 2 | 127 << 16);
    if (disk.nvme)
        give(disk.nvme, (void *)(uintptr_t)admin->addr, admin->data_len);
    return disk.nvme_status;
}

static struct plat_disk_health ask(void (*question)(int fd, struct plat_disk_health *disk))
{
    struct plat_disk_health d = { .device = "sda" };

    smart_health_init(&d.health);
    question(7, &d);
    return d;
}

static void use_hdd(void)
{
    memset(&disk, 0, sizeof disk);
    disk.identity = "ata-identity-hdd";
    disk.data = "ata-data-hdd";
    disk.thresholds = "ata-thresholds-hdd";
    disk.power = "sense-descriptor-active";
}

static void a_sata_disk_tells(void **state)
{
    struct plat_disk_health d;

    (void)state;
    use_hdd();
    d = ask(disk_ask_ata);
    assert_int_equal(d.answer, DISK_TOLD);
    assert_int_equal(d.health.verdict, SMART_FINE);
    assert_string_equal(d.serial, "ZFN0ABCD");
    assert_int_equal(d.health.error_count, 6);
    disk.status = "sense-descriptor-exceeded";
    assert_int_equal(ask(disk_ask_ata).health.verdict, SMART_FAILING);
    disk.status = NULL;
    disk.data = "ata-data-hdd-failing";
    assert_int_equal(ask(disk_ask_ata).health.verdict, SMART_FAILING);
}

static void a_disk_that_sleeps_is_left_asleep(void **state)
{
    (void)state;
    use_hdd();
    disk.power = "sense-descriptor-standby";
    assert_int_equal(ask(disk_ask_ata).answer, DISK_ASLEEP);
    assert_int_equal(disk.commands, 1);
    assert_int_equal(disk.spinning, 0);
}

static void one_that_does_not_tell_its_power_mode_is_asked(void **state)
{
    (void)state;
    use_hdd();
    disk.power = NULL;
    assert_int_equal(ask(disk_ask_ata).answer, DISK_TOLD);
}

static void what_cannot_be_told_has_its_reason(void **state)
{
    static const struct {
        const char           *identity, *data;
        int                   refuses;
        enum plat_disk_answer want;
    } cases[] = {
        { "ata-identity-hdd", "ata-data-hdd", EPERM, DISK_DENIED },
        { "ata-identity-hdd", "ata-data-hdd", ENOTTY, DISK_SILENT },
        { "ata-identity-hdd", "ata-data-hdd", EIO, DISK_FAILED },
        { "ata-identity-off", "ata-data-hdd", 0, DISK_SILENT },
        { NULL, "ata-data-hdd", 0, DISK_FAILED },
        { "ata-data-hdd", "ata-data-hdd", 0, DISK_SILENT }, /* a page that is not what was asked for */
        { "ata-identity-hdd", NULL, 0, DISK_FAILED },
        { "ata-identity-hdd", "nvme-healthy", 0, DISK_FAILED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_disk_health d;

        use_hdd();
        disk.identity = cases[i].identity;
        disk.data = cases[i].data;
        disk.refuses = cases[i].refuses;
        d = ask(disk_ask_ata);
        if (d.answer != cases[i].want)
            fail_msg("case %zu: %s", i, plat_disk_answer_word(d.answer));
        assert_int_equal(d.health.verdict, SMART_UNKNOWN);
    }
}

static void nvme_tells_or_says_why_not(void **state)
{
    static const struct {
        const char           *page;
        int                   refuses, status;
        enum plat_disk_answer want;
        enum smart_verdict    verdict;
    } cases[] = {
        { "nvme-healthy", 0, 0, DISK_TOLD, SMART_FINE }, { "nvme-failing", 0, 0, DISK_TOLD, SMART_FAILING },
        { NULL, EACCES, 0, DISK_DENIED, SMART_UNKNOWN }, { NULL, 0, 0x4109, DISK_SILENT, SMART_UNKNOWN },
        { NULL, 0, 0, DISK_SILENT, SMART_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_disk_health d;

        memset(&disk, 0, sizeof disk);
        disk.nvme = cases[i].page;
        disk.refuses = cases[i].refuses;
        disk.nvme_status = cases[i].status;
        d = ask(disk_ask_nvme);
        assert_int_equal(d.answer, cases[i].want);
        assert_int_equal(d.health.verdict, cases[i].verdict);
    }
}

static void a_sas_disk_tells_in_its_log(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof disk);
    disk.exceptions = "scsi-exceptions-failing";
    assert_int_equal(ask(disk_ask_scsi).health.verdict, SMART_FAILING);
    disk.exceptions = NULL;
    assert_int_equal(ask(disk_ask_scsi).answer, DISK_SILENT);
    disk.refuses = EPERM;
    assert_int_equal(ask(disk_ask_scsi).answer, DISK_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sata_disk_tells),
        cmocka_unit_test(a_disk_that_sleeps_is_left_asleep),
        cmocka_unit_test(one_that_does_not_tell_its_power_mode_is_asked),
        cmocka_unit_test(what_cannot_be_told_has_its_reason),
        cmocka_unit_test(nvme_tells_or_says_why_not),
        cmocka_unit_test(a_sas_disk_tells_in_its_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
