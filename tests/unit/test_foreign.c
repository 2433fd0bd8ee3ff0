/* Disks that only smartctl can ask, with a smartctl of the test's own: a script that tells by its arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/collect/diskline.h"
#include "agent/collect/foreign.h"
#include "tempdir.h"

/* Writes its arguments, one run a line, and its environment down, then answers. */
#define BEGIN                                                                          \
    "#!/bin/sh\n"                                                                      \
    "here=${0%/*}\n"                                                                   \
    "echo \"$*\" >>\"$here/runs\"\n"                                                   \
    "env | grep -v '^_=' | cut -d= -f1 | sort | tr '\\n' ' ' >\"$here/environment\"\n" \
    "fine='\"smart_status\":{\"passed\":true}'\n"                                      \
    "case \"$*\" in\n"

#define END                                                                                                    \
    "*) echo '{\"smartctl\":{\"messages\":[{\"string\":\"what is that?\",\"severity\":\"error\"}]}}'; exit 1 " \
    ";;\nesac\n"

#define ASKED "--json=c -i -H -A -n standby,3 "

static struct {
    char       folder[TEMPDIR_BYTES], program[TEMPDIR_BYTES + 16];
    struct buf told;
} rig;

static int set_up(void **state)
{
    (void)state;
    tempdir_make(NULL, "foreign", rig.folder);
    snprintf(rig.program, sizeof rig.program, "%s/smartctl", rig.folder);
    buf_init(&rig.told, 64 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&rig.told);
    tempdir_remove(rig.folder);
    return 0;
}

static void write_program(const char *text)
{
    FILE *file = fopen(rig.program, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(rig.program, 0755), 0);
}

static void read_back(const char *name, char *into, size_t size)
{
    char   path[TEMPDIR_BYTES + 16];
    FILE  *file;
    size_t len = 0;

    snprintf(path, sizeof path, "%s/%s", rig.folder, name);
    file = fopen(path, "r");
    if (file) {
        len = fread(into, 1, size - 1, file);
        fclose(file);
    }
    into[len] = '\0';
}

static void expect_file(const char *name, const char *want)
{
    char text[2000];

    read_back(name, text, sizeof text);
    assert_string_equal(text, want);
}

static void take(void *context, const struct plat_disk_health *disk)
{
    (void)context;
    assert_int_equal(diskline_print(disk, &rig.told).code, ERR_OK);
}

/* The program of the folder, unless path is another. */
static void ask(const char *path, uint32_t timeout_ms, const struct plat_disk_health *disks, size_t count)
{
    const char *const            programs[] = { "/nonexistent/smartctl", path ? path : rig.program, NULL };
    const struct foreign_options o = { programs, timeout_ms };

    buf_clear(&rig.told);
    foreign_ask(&o, disks, count, take, NULL);
}

static void expect_told(const char *want)
{
    assert_string_equal(buf_text(&rig.told), want);
}

static struct plat_disk_health disk(const char *device, enum plat_disk_answer answer, bool behind_raid)
{
    struct plat_disk_health d = { .answer = answer, .behind_raid = behind_raid };

    snprintf(d.device, sizeof d.device, "%s", device);
    smart_health_init(&d.health);
    return d;
}

static void those_that_are_foreign_are_asked_and_no_others(void **state)
{
    struct plat_disk_health disks[] = { disk("sda", DISK_TOLD, false), disk("sdb", DISK_FOREIGN, false),
                                        disk("sdc", DISK_ASLEEP, false), disk("sdd", DISK_FOREIGN, false) };

    (void)state;
    assert_int_equal(setenv("SECRET_OF_OURS", "1", 1), 0);
    write_program(BEGIN "*/dev/sdb) echo \"{\\\"smartctl\\\":{},$fine}\" ;;\n"
                        "*/dev/sdd) echo '{\"smartctl\":{\"messages\":[{\"string\":\"Device is in STANDBY mode, "
                        "exit(3)\"}]}}'; exit 3 ;;\n" END);
    ask(NULL, 20000, disks, ARRAY_LEN(disks));
    expect_told(
        "device=sdb\tanswer=told\tverdict=fine\ndevice=sdd\tanswer=asleep\twhy=it sleeps, and was left asleep\n");
    expect_file("runs", ASKED "/dev/sdb\n" ASKED "/dev/sdd\n");
    expect_file("environment", "HOME LC_ALL PATH PWD ");
}

static void without_foreign_disks_nothing_is_run(void **state)
{
    struct plat_disk_health disks[] = { disk("sda", DISK_TOLD, true), disk("sdb", DISK_SILENT, true) };

    (void)state;
    write_program(BEGIN END);
    ask(NULL, 20000, disks, ARRAY_LEN(disks));
    ask(NULL, 20000, NULL, 0);
    expect_told("");
    expect_file("runs", "");
}

#define LIST                                                                                          \
    "*--scan) echo '{\"smartctl\":{},\"devices\":[{\"name\":\"/dev/bus/0\",\"type\":\"megaraid,3\"}," \
    "{\"name\":\"/dev/bus/0\",\"type\":\"megaraid,4\"},{\"name\":\"/dev/bus/0\",\"type\":\"-a\"},"    \
    "{\"name\":\"/dev/bus/0\",\"type\":\"megaraid,5\"},{\"name\":\"/dev/sdz\",\"type\":\"sat\"}]}' ;;\n"

static void what_a_controller_hides_is_asked_once(void **state)
{
    struct plat_disk_health disks[] = { disk("sda", DISK_FOREIGN, true), disk("sdb", DISK_TOLD, false),
                                        disk("sdc", DISK_FOREIGN, true) };

    (void)state;
    snprintf(disks[1].serial, sizeof disks[1].serial, "KNOWN");
    write_program(BEGIN LIST
                  "*megaraid,3*) echo \"{\\\"smartctl\\\":{},\\\"serial_number\\\":\\\"S3\\\",$fine}\" ;;\n"
                  "*megaraid,4*) echo \"{\\\"smartctl\\\":{},\\\"serial_number\\\":\\\"KNOWN\\\",$fine}\" ;;\n"
                  "*megaraid,5*) echo \"{\\\"smartctl\\\":{},\\\"serial_number\\\":\\\"SC\\\",$fine}\" ;;\n"
                  "*/dev/sdc*) echo \"{\\\"smartctl\\\":{},\\\"serial_number\\\":\\\"SC\\\",$fine}\" ;;\n"
                  "*/dev/sda) echo '{\"smartctl\":{},\"smart_support\":{\"available\":false}}'; exit 4 ;;\n" END);
    ask(NULL, 20000, disks, ARRAY_LEN(disks));
    expect_told(
        "device=sda\tanswer=virtual\twhy=it is a volume of a RAID controller, whose disks are asked by themselves\n"
        "device=sdc\tanswer=told\tserial=SC\tverdict=fine\n"
        "device=bus/0 megaraid,3\tanswer=told\tserial=S3\tverdict=fine\n");
    expect_file("runs",
                "--json=c --scan\n" ASKED "/dev/sda\n" ASKED "/dev/sdc\n" ASKED "-d megaraid,3 /dev/bus/0\n" ASKED
                "-d megaraid,4 /dev/bus/0\n" ASKED "-d megaraid,5 /dev/bus/0\n");
}

static void a_list_that_fails_is_said(void **state)
{
    struct plat_disk_health one = disk("sda", DISK_FOREIGN, true);

    (void)state;
    write_program(BEGIN "*--scan) echo no list; exit 2 ;;\n*/dev/sda) echo '{\"smartctl\":{}}' ;;\n" END);
    ask(NULL, 20000, &one, 1);
    expect_told("device=sda\tanswer=silent\twhy=it does not tell, and smartctl --scan did not list the disks of its "
                "controller: "
                "exit code 2, the bytes do not parse\n");
}

static void one_that_hangs_does_not_keep_the_others(void **state)
{
    struct plat_disk_health disks[] = { disk("sdb", DISK_FOREIGN, false), disk("sdc", DISK_FOREIGN, false) };

    (void)state;
    write_program(BEGIN "*/dev/sdb) exec sleep 600 ;;\n*/dev/sdc) echo \"{\\\"smartctl\\\":{},$fine}\" ;;\n" END);
    ask(NULL, 1500, disks, ARRAY_LEN(disks));
    assert_non_null(
        strstr(buf_text(&rig.told), "device=sdb\tanswer=failed\twhy=smartctl got no answer from it: no end within"));
    assert_non_null(strstr(buf_text(&rig.told), "\ndevice=sdc\tanswer=told\tverdict=fine\n"));
}

static void it_ends_with_our_process_group(void **state)
{
    struct plat_disk_health one = disk("sdb", DISK_FOREIGN, false);
    char                    group[40], ours[40];

    (void)state;
    write_program("#!/bin/sh\ncut -d' ' -f5 /proc/self/stat >\"${0%/*}/group\"\n");
    ask(NULL, 20000, &one, 1);
    snprintf(ours, sizeof ours, "%d\n", (int)getpgrp());
    read_back("group", group, sizeof group);
    assert_string_equal(group, ours);
}

static void one_that_talks_on_and_on_is_cut(void **state)
{
    struct plat_disk_health one = disk("sdb", DISK_FOREIGN, false);

    (void)state;
    write_program("#!/bin/sh\nhead -c 1000000 /dev/zero\n");
    ask(NULL, 20000, &one, 1);
    expect_told("device=sdb\tanswer=failed\twhy=smartctl printed more than 262144 bytes\n");
}

static void without_smartctl_the_remedy_is_named(void **state)
{
    struct plat_disk_health one = disk("sdb", DISK_FOREIGN, true);

    (void)state;
    ask("/nonexistent/too", 20000, &one, 1);
    expect_told(
        "device=sdb\tanswer=foreign\twhy=it is behind a USB bridge or a RAID controller, and only smartctl can ask it: "
        "there is no /nonexistent/smartctl: install the package smartmontools\n");
}

static void one_that_others_can_change_is_not_run(void **state)
{
    struct plat_disk_health one = disk("sdb", DISK_FOREIGN, false);

    (void)state;
    write_program(BEGIN END);
    assert_int_equal(chmod(rig.program, 0777), 0);
    ask(NULL, 20000, &one, 1);
    assert_non_null(strstr(buf_text(&rig.told), "device=sdb\tanswer=foreign\t"));
    assert_non_null(strstr(buf_text(&rig.told), "smartctl is not run: others can change "));
    assert_non_null(strstr(buf_text(&rig.told), "chmod go-w "));
    assert_int_equal(chmod(rig.program, 0755), 0);
    assert_int_equal(chmod(rig.folder, 0777), 0);
    ask(NULL, 20000, &one, 1);
    assert_non_null(strstr(buf_text(&rig.told), "smartctl is not run: others can change what is in "));
    assert_int_equal(chmod(rig.folder, 0755), 0);
    expect_file("runs", "");
}

/* No disk at all: the real one, where it is installed, says so, and nothing is made of it. */
static void the_real_one_is_understood(void **state)
{
    struct plat_disk_health one = disk("null", DISK_FOREIGN, false);

    (void)state;
    if (access("/usr/sbin/smartctl", X_OK) != 0)
        skip();
    foreign_ask(&foreign_usual, &one, 1, take, NULL);
    expect_told(
        "device=null\tanswer=foreign\twhy=smartctl cannot ask it either: /dev/null: Unable to detect device type\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_that_are_foreign_are_asked_and_no_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_foreign_disks_nothing_is_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_controller_hides_is_asked_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_fails_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_hangs_does_not_keep_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_ends_with_our_process_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_talks_on_and_on_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_smartctl_the_remedy_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_others_can_change_is_not_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_real_one_is_understood, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
