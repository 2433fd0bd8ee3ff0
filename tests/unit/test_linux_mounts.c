#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/filesystems.h"
#include "platform/linux/mounts.h"

/* "/srv xfs /dev/sdb1 mount-ro ro broken;" for each */
static void print(struct buf *into, const struct plat_mounts *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct plat_mount *x = &m->items[i];

        assert_int_equal(buf_printf(into, "%s %s %s%s%s%s;", x->mount_point, x->type, x->device,
                                    x->mount_read_only ? " mount-ro" : "", x->read_only ? " ro" : "",
                                    x->broken ? " broken" : "")
                             .code,
                         ERR_OK);
    }
}

static void check(const char *name, const char *text, size_t len, const char *want)
{
    struct plat_mounts m;
    struct buf         got;

    buf_init(&got, 1 << 20);
    assert_int_equal(plat_mounts_choose(text, len, &m).code, ERR_OK);
    print(&got, &m);
    if (strcmp(buf_text(&got), want) != 0)
        fail_msg("%s:\n  %s\nbut not\n  %s", name, buf_text(&got), want);
    buf_done(&got);
    plat_mounts_done(&m);
}

static void captured_lists_give_each_local_file_system_once(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        { "linux/mountinfo/debian12-6.18-plain", "/ ext4 /dev/vda;" },
        { "linux/mountinfo/debian12-6.18-ext4-error",
          "/ ext4 /dev/vda;/srv/data ext4 /dev/loop0 broken;/media/My Disk ext4 /dev/loop1 mount-ro ro;" },
        { "linux/mountinfo/ubuntu22-docker-host",
          "/ ext4 /dev/mapper/ubuntu--vg-ubuntu--lv;/boot ext4 /dev/sda2;/boot/efi vfat /dev/sda1;/srv xfs /dev/sdb1;"
          "/mnt/nas-local ext4 /dev/sdc1;" },
        { "linux/mountinfo/fedora39-btrfs",
          "/ btrfs /dev/nvme0n1p3;/boot ext4 /dev/nvme0n1p2;/boot/efi vfat /dev/nvme0n1p1;" },
        { "linux/mountinfo/proxmox8-zfs", "/ zfs rpool/ROOT/pve-1;/tank zfs tank;" },
        { "linux/mountinfo/docker-container",
          /* A file stands for its disk: who asks finds that out, so the disk below the root is not reported twice. */
          "/ overlay overlay;/etc/hostname ext4 /dev/sda2;" },
        { "linux/mountinfo/rhel7-old-style",
          "/ xfs /dev/mapper/rhel-root mount-ro;/boot xfs /dev/sda1 ro;/old ext4 /dev/sdb3;"
          "/mnt/tab\tnl\nback\\slash \303\251 ext4 /dev/disk one;" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char  *text = fixture_read(cases[i].name, &len);

        check(cases[i].name, text, len, cases[i].want);
        free(text);
    }
}

static void odd_rows_are_taken_as_they_are(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        { "empty", "", "" },
        { "no optional field, no end of line", "1 2 8:1 / /a rw - ext4 /dev/a rw", "/a ext4 /dev/a;" },
        { "bytes that are no UTF-8", "1 2 8:1 / /a\xff\xfe rw - ext4 /dev/a rw\n", "/a\xff\xfe ext4 /dev/a;" },
        { "an escape that is none", "1 2 8:1 / /a\\9\\04 rw - ext4 /dev/a rw\n", "/a\\9\\04 ext4 /dev/a;" },
        { "ro inside another word", "1 2 8:1 / /a rw - ext4 /dev/a rw,errors=remount-ro,x=ro\n", "/a ext4 /dev/a;" },
        { "the same place three times",
          "1 2 8:1 / /a rw - ext4 /dev/a rw\n1 2 8:2 / /a rw - xfs /dev/b rw\n"
          "1 2 0:9 / /a rw - tmpfs tmpfs rw\n",
          "" },
        { "mounted over itself", "1 2 8:1 / /a rw - ext4 /dev/a rw\n1 2 8:1 / /a rw - ext4 /dev/a rw\n",
          "/a ext4 /dev/a;" },
        { "all of it before a part of it", "1 2 8:1 /x /a rw - ext4 /dev/a rw\n1 2 8:1 / /long rw - ext4 /dev/a rw\n",
          "/long ext4 /dev/a;" },
        { "the root before all", "1 2 8:1 / /a rw - ext4 /dev/a rw\n1 2 8:1 /x / rw - ext4 /dev/a rw\n",
          "/ ext4 /dev/a;" },
        { "a root in memory", "1 2 0:2 / / rw - tmpfs tmpfs rw\n1 2 0:3 / /tmp rw - tmpfs tmpfs rw\n",
          "/ tmpfs tmpfs;" },
        { "below FUSE",
          "1 2 0:2 / /f rw - fuse.sshfs x rw\n1 2 8:1 / /f/d rw - ext4 /dev/a rw\n"
          "1 2 8:2 / /fd rw - ext4 /dev/b rw\n",
          "/fd ext4 /dev/b;" },
        { "below autofs, and in the place of one",
          "1 2 0:2 / /misc rw - autofs auto.misc rw\n1 2 0:3 / /data rw - autofs systemd-1 rw\n"
          "1 2 8:1 / /misc/usb rw - ext4 /dev/a rw\n1 2 8:2 / /data rw - ext4 /dev/b rw\n",
          "/data ext4 /dev/b;" },
        { "on FUSE by way of a device", "1 2 8:1 / /w rw - fuseblk /dev/a rw\n", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(cases[i].name, cases[i].text, strlen(cases[i].text), cases[i].want);
}

static void what_is_no_list_is_malformed(void **state)
{
    static const char *const texts[] = {
        "\n",
        "1\n",
        "1 2 8:1 / /a rw\n",
        "1 2 8:1 / /a rw - ext4\n",
        "1 2 8:1 / /a rw - ext4 /dev/a",
        "1 2 81 / /a rw - ext4 a rw\n",
        "1 2 8:x / /a rw - ext4 a rw\n",
        "1 2 8:4294967296 / /a rw - ext4 a rw\n",
        "1 2 8: / /a rw - ext4 a rw\n",
        "1 2 8:1 / /a\\000b rw - ext4 a rw\n",
        "1 2 8:1 / /a rw shared:1 master:2",
        "1 2 8:1 / /a rw - ext4 /dev/a rw\ncut he",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct plat_mounts m;

        if (plat_mounts_choose(texts[i], strlen(texts[i]), &m).code != ERR_MALFORMED)
            fail_msg("\"%s\"", texts[i]);
        assert_int_equal(m.count, 0);
    }
}

static void a_path_without_an_end_is_malformed(void **state)
{
    struct plat_mounts m;
    struct buf         text;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_add_text(&text, "1 2 8:1 / /");
    for (int i = 0; i < 5000; i++)
        buf_add_byte(&text, 'a');
    buf_add_text(&text, " rw - ext4 /dev/a rw\n");
    assert_int_equal(plat_mounts_choose(text.data, text.len, &m).code, ERR_MALFORMED);
    buf_done(&text);
}

static void no_more_are_chosen_than_agreed(void **state)
{
    struct plat_mounts m;
    struct buf         text;

    (void)state;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 3 * PLAT_FILESYSTEMS_MAX; i++)
        buf_printf(&text, "%d 1 8:%d / /m%d rw - ext4 /dev/d%d rw\n", i, i, i, i);
    assert_int_equal(plat_mounts_choose(text.data, text.len, &m).code, ERR_OK);
    assert_int_equal(m.count, PLAT_FILESYSTEMS_MAX);
    assert_string_equal(m.items[PLAT_FILESYSTEMS_MAX - 1].mount_point, "/m63");
    plat_mounts_done(&m);
    buf_done(&text);
}

static void the_mount_at_the_same_place_tells_what_was_meant(void **state)
{
    static const struct {
        const char      *text;
        enum plat_intent want;
    } cases[] = {
        { "1 2 8:1 / /srv rw - ext4 /dev/a ro\n", PLAT_INTENT_WRITE },
        { "1 2 8:1 / /srv ro - ext4 /dev/a ro\n", PLAT_INTENT_READ },
        { "1 2 8:1 / /srv ro - ext4 /dev/a ro\n1 2 8:1 / /bind rw - ext4 /dev/a ro\n", PLAT_INTENT_READ },
        { "1 2 8:1 / /else ro - ext4 /dev/a ro\n1 2 8:1 / /bind rw - ext4 /dev/a ro\n", PLAT_INTENT_WRITE },
        { "1 2 8:1 / /else ro - ext4 /dev/a ro\n", PLAT_INTENT_READ },
        { "1 2 8:2 / /srv rw - ext4 /dev/b rw\n", PLAT_INTENT_UNKNOWN },
        { "", PLAT_INTENT_UNKNOWN },
        { "nonsense", PLAT_INTENT_UNKNOWN },
    };
    char              srv[] = "/srv";
    struct plat_mount of = { .mount_point = srv, .major_number = 8, .minor_number = 1 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (plat_mounts_intent(cases[i].text, strlen(cases[i].text), &of) != cases[i].want)
            fail_msg("%s", cases[i].text);
}

static void fstab_tells_what_was_meant(void **state)
{
    static const struct {
        const char      *mount_point;
        enum plat_intent want;
    } cases[] = {
        { "/", PLAT_INTENT_WRITE },
        { "/srv", PLAT_INTENT_WRITE },
        { "/frozen", PLAT_INTENT_READ },
        { "/home", PLAT_INTENT_UNKNOWN },
        { "/media/My Disk", PLAT_INTENT_UNKNOWN },
        { "/short", PLAT_INTENT_UNKNOWN },
        { "none", PLAT_INTENT_WRITE },
    };
    size_t len;
    char  *text = fixture_read("linux/fstab/debian12-usual", &len);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (plat_fstab_intent(text, len, cases[i].mount_point) != cases[i].want)
            fail_msg("%s", cases[i].mount_point);
    free(text);
}

static void on_filesystem(void *context, const struct plat_filesystem *f)
{
    assert_true(f->total_bytes > 0);
    assert_true(f->used_bytes <= f->total_bytes && f->available_bytes <= f->total_bytes);
    assert_true(f->inodes_free <= f->inodes);
    assert_int_equal(f->mount_point[0], '/');
    ++*(int *)context;
}

static void this_machine_answers_twice_alike(void **state)
{
    int first = 0, second = 0;

    (void)state;
    assert_int_equal(plat_filesystems_read(on_filesystem, &first).code, ERR_OK);
    assert_int_equal(plat_filesystems_read(on_filesystem, &second).code, ERR_OK);
    assert_int_equal(first, second);
    plat_filesystems_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_lists_give_each_local_file_system_once),
        cmocka_unit_test(odd_rows_are_taken_as_they_are),
        cmocka_unit_test(what_is_no_list_is_malformed),
        cmocka_unit_test(a_path_without_an_end_is_malformed),
        cmocka_unit_test(no_more_are_chosen_than_agreed),
        cmocka_unit_test(the_mount_at_the_same_place_tells_what_was_meant),
        cmocka_unit_test(fstab_tells_what_was_meant),
        cmocka_unit_test(this_machine_answers_twice_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
