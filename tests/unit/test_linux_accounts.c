#include "check.h"

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/account_parse.h"
#include "platform/linux/address_parse.h"
#include "platform/linux/drive_parse.h"
#include "rootdir.h"

static void on_account(void *context, const struct plat_account *a)
{
    static const char *const states[] = { "unknown", "set", "locked", "empty" };
    char                    *list = context;

    snprintf(list + strlen(list), 4096 - strlen(list), "%s %u:%u \"%s\" %s %s %s %lld\n", a->name, (unsigned)a->id,
             (unsigned)a->group, a->full_name, a->home, a->shell, states[a->password], (long long)a->password_changed_day);
}

static void of_a_password_only_its_state_is_told(void **state)
{
    char   list[4096] = "";
    size_t len, shadow_len;
    char  *text = fixture_read("linux/passwd/debian12", &len), *shadow = fixture_read("linux/shadow/debian12", &shadow_len);

    (void)state;
    assert_false(failed(plat_passwd_parse(text, len, shadow, shadow_len, on_account, list)));
    assert_string_equal(list, "root 0:0 \"root\" /root /bin/bash locked 19700\n"
                              "daemon 1:1 \"daemon\" /usr/sbin /usr/sbin/nologin locked 19700\n"
                              "alice 1000:1000 \"Alice Example\" /home/alice /bin/bash set 19723\n"
                              "bob 1001:1001 \"\" /home/bob /bin/sh locked 19000\n"
                              "toor 0:0 \"\" /root /bin/sh set -1\n"
                              "kiosk 1002:1002 \"Kiosk\" /home/kiosk /bin/bash empty 19001\n"
                              "legacy 1003:1003 \"\" /home/legacy /bin/sh set -1\n"
                              "svc 998:998 \"A service\" /nonexistent /usr/sbin/nologin unknown -1\n");
    list[0] = '\0';
    assert_false(failed(plat_passwd_parse(text, len, NULL, 0, on_account, list)));
    assert_non_null(strstr(list, "alice 1000:1000 \"Alice Example\" /home/alice /bin/bash unknown -1\n"));
    free(text);
    free(shadow);
}

static void a_damaged_line_is_said_and_hides_no_other(void **state)
{
    static const struct {
        const char *text, *want;
        bool        sound;
    } cases[] = {
        { "", "", true },
        { "+nis::::::\n-x::::::\n\n", "", true },
        { "a:x:1:2::/:/s", "a 1:2 \"\" / /s unknown -1\n", true },
        { "a:x:1:2::/\nb:x:1:2::/:/s\n", "b 1:2 \"\" / /s unknown -1\n", false },
        { "a:x:1:2::/:/s:more\n", "", false },
        { "a:x:-1:2::/:/s\n", "", false },
        { "a:x:4294967296:2::/:/s\n", "", false },
        { ":x:1:2::/:/s\n", "", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char       list[4096] = "";
        struct err e = plat_passwd_parse(cases[i].text, strlen(cases[i].text), "", 0, on_account, list);

        assert_string_equal(list, cases[i].want);
        assert_int_equal(failed(e), !cases[i].sound);
    }
}

static void on_group(void *context, const struct plat_group *g)
{
    char *list = context;

    snprintf(list + strlen(list), 4096 - strlen(list), "%s %u %s;", g->name, (unsigned)g->id, g->members);
}

static void groups_have_members(void **state)
{
    char   list[4096] = "";
    size_t len;
    char  *text = fixture_read("linux/group/debian12", &len);

    (void)state;
    assert_false(failed(plat_group_parse(text, len, on_group, list)));
    assert_string_equal(list, "root 0 ;adm 4 alice,syslog;sudo 27 alice;users 100 ;docker 996 bob;wheel 10 ;alice 1000 ;");
    free(text);
}

/* ---- the network ---- */

static void on_inet6(void *context, const char *name, const uint8_t address[16], unsigned prefix, unsigned flags)
{
    char *list = context;

    snprintf(list + strlen(list), 4096 - strlen(list), "%s %02x%02x..%02x/%u %x;", name, address[0], address[1],
             address[15], prefix, flags);
}

static void ipv6_addresses_come_with_their_flags(void **state)
{
    char   list[4096] = "";
    size_t len;
    char  *text = fixture_read("linux/if_inet6/debian12", &len);

    (void)state;
    plat_inet6_parse(text, len, on_inet6, list);
    assert_string_equal(list, "lo 0000..01/128 80;eth0 2001..07/64 80;eth0 2001..ef/64 1;eth0 fe80..56/64 80;");
    free(text);
}

static void default_routes_and_name_servers_are_found(void **state)
{
    static const struct {
        const char *name;
        void (*parse)(const char *text, size_t len, struct plat_ways *ret);
    } files[] = { { "linux/route/debian12", plat_route4_parse },
                  { "linux/route/debian12-inet6", plat_route6_parse },
                  { "linux/resolv/usual", plat_resolv_parse } };
    struct plat_ways w = { .gateway_count = 0 };
    size_t           len;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *text = fixture_read(files[i].name, &len);

        files[i].parse(text, len, &w);
        free(text);
    }
    assert_int_equal(w.gateway_count, 3);
    assert_string_equal(w.gateways[0], "192.0.2.1 eth0");
    assert_string_equal(w.gateways[1], "ppp0"); /* a line between two points has no address of its own */
    assert_string_equal(w.gateways[2], "fe80::1 eth0");
    assert_int_equal(w.dns_count, 2);
    assert_string_equal(w.dns[1], "2001:db8::53");
    assert_int_equal(w.search_count, 2);
    assert_string_equal(w.search[0], "example.com");
}

/* ---- disks and processors ---- */

static void a_disk_s_path_tells_its_bus(void **state)
{
    static const struct {
        const char *link, *want;
    } cases[] = {
        { "../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda", "ata" },
        { "../devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1", "nvme" },
        { "../devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/block/sdb", "usb" },
        { "../devices/platform/virtio-mmio.1/virtio1/block/vda", "virtio" },
        { "../devices/pci0000:00/0000:00:03.0/0000:02:00.0/host2/port-2:0/end_device-2:0/target2:0:0/2:0:0:0/block/sdc", "sas" },
        { "../devices/platform/host7/session1/target7:0:0/7:0:0:1/block/sdd", "iscsi" },
        { "../devices/pci0000:00/0000:00:1a.0/mmc_host/mmc0/mmc0:0001/block/mmcblk0", "mmc" },
        { "../devices/vbd-51712/block/xvda", "xen" },
        { "../devices/virtual/block/loop0", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(plat_drive_bus(cases[i].link), cases[i].want);
}

static void a_scsi_disk_s_serial_is_as_long_as_it_says(void **state)
{
    char into[32];

    (void)state;
    assert_int_equal(plat_scsi_serial("\0\x80\0\x08 WD-1234", 12, into, sizeof into), 7);
    assert_string_equal(into, "WD-1234");
    assert_int_equal(plat_scsi_serial("\0\x80\0\xff" "AB", 6, into, sizeof into), 2);
    assert_int_equal(plat_scsi_serial("\0\x80", 2, into, sizeof into), 0);
    assert_int_equal(plat_scsi_serial(NULL, 0, into, sizeof into), 0);
}

static void the_first_processor_speaks_for_all(void **state)
{
    char value[64];

    (void)state;
    plat_cpuinfo_value("processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7443P\n\nmodel name : other\n", "model name", value,
                       sizeof value);
    assert_string_equal(value, "AMD EPYC 7443P");
    plat_cpuinfo_value("nothing", "model name", value, sizeof value);
    assert_string_equal(value, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_password_only_its_state_is_told),
        cmocka_unit_test(a_damaged_line_is_said_and_hides_no_other),
        cmocka_unit_test(groups_have_members),
        cmocka_unit_test(ipv6_addresses_come_with_their_flags),
        cmocka_unit_test(default_routes_and_name_servers_are_found),
        cmocka_unit_test(a_disk_s_path_tells_its_bus),
        cmocka_unit_test(a_scsi_disk_s_serial_is_as_long_as_it_says),
        cmocka_unit_test(the_first_processor_speaks_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
