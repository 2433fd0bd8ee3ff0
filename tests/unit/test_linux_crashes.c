#include "check.h"

#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "platform/crashes.h"
#include "rootdir.h"

struct times {
    int    count;
    time_t at_s[8];
};

static void on_record(void *context, int64_t at_ms)
{
    struct times *t = context;

    assert_true(t->count < 8);
    t->at_s[t->count++] = (time_t)(at_ms / 1000);
}

static void put(const char *root, const char *path, const char *text, time_t at)
{
    char whole[256];

    rootdir_write(root, path, text);
    snprintf(whole, sizeof whole, "%s%s", root, path);
    assert_int_equal(utime(whole, &(struct utimbuf){ at, at }), 0);
}

static void what_a_kernel_left_is_found_and_what_programs_left_is_not(void **state)
{
    char        *root = rootdir_make();
    struct times t = { 0 };
    time_t       sum = 0;

    (void)state;
    assert_int_equal(plat_crashes_each(root, on_record, &t).code, ERR_OK);
    assert_int_equal(t.count, 0);
    put(root, "/sys/fs/pstore/dmesg-efi_pstore-170000000001001", "Panic#2 Part1\n<0>Kernel panic - not syncing: x\n",
        1);
    put(root, "/sys/fs/pstore/dmesg-efi_pstore-170000000101001", "Oops#1 Part1\n<4>BUG: unable to handle\n", 2);
    put(root, "/sys/fs/pstore/console-ramoops-0", "x", 4);
    put(root, "/var/lib/systemd/pstore/1700000000/001/dmesg.txt", "Panic#1 Part1\n", 8);
    put(root, "/var/crash/202311142213/dump.202311142213", "KDUMP", 16);
    put(root, "/var/crash/127.0.0.1-2023-11-14-22:13:20/vmcore", "KDUMP", 32);
    put(root, "/var/crash/127.0.0.1-2023-11-14-22:13:20/kexec-dmesg.log", "", 64);
    put(root, "/var/crash/linux-image-5.15.0-91-generic-202311142213.crash", "ProblemType: KernelCrash\n", 128);
    put(root, "/var/crash/_usr_bin_firefox.1000.crash", "ProblemType: Crash\n", 256);
    put(root, "/var/crash/a/b/c/d/vmcore", "too deep", 512);
    rootdir_link(root, "/var/crash/vmcore", "/etc/passwd");
    assert_int_equal(plat_crashes_each(root, on_record, &t).code, ERR_OK);
    for (int i = 0; i < t.count; i++)
        sum += t.at_s[i];
    assert_int_equal(sum, 1 + 8 + 16 + 32 + 128);
    rootdir_remove(root);
}

static void a_folder_of_very_many_folders_is_not_walked_to_the_end(void **state)
{
    char        *root = rootdir_make(), path[64];
    struct times t = { 0 };

    (void)state;
    for (int i = 0; i < 400; i++) {
        snprintf(path, sizeof path, "/var/crash/%d/other", i);
        rootdir_write(root, path, "");
    }
    assert_int_equal(plat_crashes_each(root, on_record, &t).code, ERR_OK);
    assert_int_equal(t.count, 0);
    rootdir_remove(root);
}

static void the_end_of_a_long_wtmp_is_enough(void **state)
{
    enum { RECORD = 384, BOOT_S = 1700000000 };
    char   *root = rootdir_make();
    size_t  count = 5000;
    char   *wtmp = calloc(count, RECORD);
    int32_t at = BOOT_S - 90000;

    (void)state;
    assert_non_null(wtmp);
    assert_int_equal(plat_ending_read(root, 1000LL * BOOT_S), ENDING_UNKNOWN);
    for (size_t i = 0; i < count; i++) {
        int16_t kind = i == count - 50 || i == count - 2 ? 2 : 7;

        if (i == count - 2)
            at = BOOT_S + 1;
        memcpy(wtmp + i * RECORD, &kind, sizeof kind);
        memcpy(wtmp + i * RECORD + 340, &at, sizeof at);
    }
    rootdir_put(root, "/var/log/wtmp", wtmp, count * RECORD);
    assert_int_equal(plat_ending_read(root, 1000LL * BOOT_S), ENDING_UNCLEAN);
    memcpy(wtmp + (count - 9) * RECORD, &(int16_t){ 1 }, sizeof(int16_t));
    strcpy(wtmp + (count - 9) * RECORD + 44, "shutdown");
    rootdir_put(root, "/var/log/wtmp", wtmp, count * RECORD);
    assert_int_equal(plat_ending_read(root, 1000LL * BOOT_S), ENDING_CLEAN);
    assert_int_equal(plat_ending_read(root, 1000LL * BOOT_S + 3600 * 1000), ENDING_UNKNOWN);
    free(wtmp);
    rootdir_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_kernel_left_is_found_and_what_programs_left_is_not),
        cmocka_unit_test(a_folder_of_very_many_folders_is_not_walked_to_the_end),
        cmocka_unit_test(the_end_of_a_long_wtmp_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
