#include "check.h"

#include <unistd.h>

#include "agent/inventory/gather.h"
#include "agent/inventory/json.h"
#include "agent/inventory/merge.h"
#include "agent/inventory/rows.h"
#include "rootdir.h"

/* ---- helpers ---- */

static void put_group(struct inventory *d, const char *name, const char *member)
{
    inventory_row(d, INVENTORY_GROUPS);
    inventory_text(d, name);
    inventory_whole(d, 7);
    inventory_list(d);
    inventory_item(d, member);
    inventory_end(d);
}

static bool append(void *context, int section, const char *row)
{
    char *list = context;

    snprintf(list + strlen(list), 8192 - strlen(list), "%d:%s\n", section, row);
    return true;
}

static struct err note(void *context, int section, const char *was, const char *now, bool noted)
{
    char *list = context;

    snprintf(list + strlen(list), 8192 - strlen(list), "%d %s|%s|%s\n", section, was ? was : "-", now ? now : "-",
             noted ? "noted" : "quiet");
    return err_ok();
}

static void differences(struct inventory *was, struct inventory *now, char *list)
{
    struct inventory_cursor a = { was, 0 }, b = { now, 0 };
    struct inventory_side   left = { inventory_cursor_next, &a }, right = { inventory_cursor_next, &b };

    list[0] = '\0';
    assert_false(failed(inventory_sort(was)));
    assert_false(failed(inventory_sort(now)));
    assert_false(failed(inventory_merge(&left, &right, note, list)));
}

/* ---- rows ---- */

static void rows_are_sorted_by_section_and_key_and_no_key_is_twice(void **state)
{
    struct inventory d;
    char             list[8192] = "";

    (void)state;
    inventory_init(&d);
    put_group(&d, "b", "x");
    put_group(&d, "a\tb\nc\x1f" "d", "y\x1fz");
    put_group(&d, "b", "later");
    inventory_row(&d, INVENTORY_OS);
    inventory_text(&d, "\xff\xc3\xa4");
    inventory_end(&d);
    assert_false(failed(inventory_sort(&d)));
    inventory_each(&d, append, list);
    assert_string_equal(list, "4:\xef\xbf\xbd\xc3\xa4\n13:a b c d\t7\ty z\n13:b\t7\tlater\n");
    inventory_done(&d);
}

static void a_row_that_does_not_fit_is_cut_at_an_item_and_said_to_be(void **state)
{
    struct inventory d;
    char             list[8192] = "", item[64];

    (void)state;
    inventory_init(&d);
    inventory_row(&d, INVENTORY_GROUPS);
    inventory_text(&d, "many");
    inventory_whole(&d, 1);
    inventory_list(&d);
    for (int i = 0; i < 500; i++) {
        snprintf(item, sizeof item, "member-number-%d", i);
        inventory_item(&d, item);
    }
    inventory_end(&d);
    assert_false(failed(inventory_sort(&d)));
    inventory_each(&d, append, list);
    assert_memory_equal(list, "1:groups\tmany\tlonger", 20);
    assert_true(strlen(d.text.data + d.rows[1].offset) <= INVENTORY_ROW_MAX);
    assert_string_equal(strrchr(d.text.data + d.rows[1].offset, '\x1f') + 1, "member-number-227");
    inventory_done(&d);
}

/* ---- differences ---- */

static void put_service(struct inventory *d, const char *name, bool running)
{
    inventory_row(d, INVENTORY_SERVICES);
    inventory_text(d, "systemd");
    inventory_text(d, name);
    inventory_text(d, "enabled");
    inventory_flag(d, running);
    inventory_end(d);
}

static void what_came_went_and_changed_is_told(void **state)
{
    struct inventory was, now;
    char             list[8192];

    (void)state;
    inventory_init(&was);
    inventory_init(&now);
    put_group(&was, "gone", "x");
    put_group(&was, "same", "x");
    put_group(&was, "other", "x");
    put_service(&was, "ssh.service", true);
    put_group(&now, "same", "x");
    put_group(&now, "other", "y");
    put_group(&now, "new", "z");
    put_service(&now, "ssh.service", false);
    differences(&was, &now, list);
    assert_string_equal(list, "13 gone\t7\tx|-|noted\n13 -|new\t7\tz|noted\n13 other\t7\tx|other\t7\ty|noted\n"
                              "15 systemd\tssh.service\tenabled\t1|systemd\tssh.service\tenabled\t0|quiet\n");
    differences(&now, &now, list);
    assert_string_equal(list, "");
    inventory_done(&was);
    inventory_done(&now);
}

/* A database that could not be read is not two thousand packages removed. */
static void what_could_not_be_read_is_not_gone(void **state)
{
    struct inventory was, now;
    char             list[8192];

    (void)state;
    inventory_init(&was);
    inventory_init(&now);
    put_group(&was, "kept", "x");
    put_service(&was, "gone.service", true);
    inventory_gap(&now, INVENTORY_GROUPS, "groups", "unreadable", true);
    put_group(&now, "new", "x");
    differences(&was, &now, list);
    assert_string_equal(list, "1 -|groups\tgroups\tunreadable\tentries|noted\n13 -|new\t7\tx|noted\n"
                              "15 systemd\tgone.service\tenabled\t1|-|noted\n");
    inventory_done(&was);
    inventory_done(&now);

    inventory_init(&was);
    inventory_init(&now);
    inventory_add(&was, INVENTORY_USERS, "alice\t1000\t1000\tAlice\t/home/alice\t/bin/sh\tset\t2024-01-01");
    inventory_add(&was, INVENTORY_USERS, "bob\t1001\t1001\t\t/home/bob\t/bin/sh\tset\t2024-01-01");
    inventory_gap(&now, INVENTORY_USERS, "passwords", "only the administrator may read it", false);
    inventory_add(&now, INVENTORY_USERS, "alice\t1000\t1000\tAlice\t/home/alice\t/bin/sh\t\t");
    differences(&was, &now, list);
    assert_string_equal(list, "1 -|users\tpasswords\tonly the administrator may read it\tvalues|noted\n"
                              "12 bob\t1001\t1001\t\t/home/bob\t/bin/sh\tset\t2024-01-01|-|noted\n");
    inventory_done(&was);
    inventory_done(&now);
}

/* A later version's row has a field more: that alone is no news of the machine. */
static void a_field_that_is_new_to_us_is_no_change(void **state)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(INVENTORY_GROUPS);

    (void)state;
    assert_true(inventory_same(kinds, "sudo\t27", "sudo\t27\talice", false));
    assert_true(inventory_same(kinds, "sudo\t27\talice", "sudo\t27", false));
    assert_false(inventory_same(kinds, "sudo\t27\talice", "sudo\t28", false));
    assert_false(inventory_same(kinds, "sudo\t27\talice", "sudo\t27\t", false));
    assert_true(inventory_same(kinds, "sudo\t27\talice", "sudo\t27\t", true));
}

static void secrets_are_blanked_in_place(void **state)
{
    char row[] = "alice\t1000\t1000\tAlice\t/home/alice\t/bin/sh\tset\t2024-01-01";

    (void)state;
    inventory_blank(inventory_kinds_of(INVENTORY_USERS), row);
    assert_string_equal(row, "alice\t1000\t1000\tAlice\t/home/alice\t/bin/sh\t\t");
}

/* ---- from process to process ---- */

static int file_of(const void *bytes, size_t len)
{
    char path[] = "/tmp/picket-rows-XXXXXX";
    int  fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

static void rows_come_through_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *bytes;
        size_t      rows;
        bool        sound;
    } cases[] = {
        { "end\n", 0, true },
        { "13\ta\t1\t\nend\n", 1, true },
        { "13\ta\t1\t\n", 1, false },
        { "13\ta\t1\t\nen", 1, false },
        { "", 0, false },
        { "0\ta\nend\n", 0, false },
        { "99\ta\nend\n", 0, false },
        { "x\nend\n", 0, false },
        { "13\nend\n", 0, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct inventory_reader *r = malloc(sizeof *r);
        int                      fd = file_of(cases[i].bytes, strlen(cases[i].bytes)), section;
        const char              *row = "";
        size_t                   count = 0;
        struct err               e;

        assert_non_null(r);
        inventory_reader_init(r, fd);
        while (!failed(e = inventory_reader_next(r, &section, &row)) && row)
            count++;
        assert_int_equal(failed(e), !cases[i].sound);
        assert_int_equal(count, cases[i].rows);
        close(fd);
        free(r);
    }
}

static void many_rows_cross_the_blocks_of_the_reader(void **state)
{
    struct inventory_reader r;
    struct inventory        d;
    int                     fd = file_of("", 0), section;
    const char             *row = "";
    char                    name[64];

    (void)state;
    inventory_init(&d);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "group-%05d", i);
        put_group(&d, name, "somebody");
    }
    assert_false(failed(inventory_sort(&d)));
    assert_false(failed(inventory_write(&d, fd)));
    inventory_reader_init(&r, fd);
    for (size_t i = 0; i < d.row_count; i++) {
        assert_false(failed(inventory_reader_next(&r, &section, &row)));
        assert_int_equal(section, INVENTORY_GROUPS);
        assert_string_equal(row, d.text.data + d.rows[i].offset);
    }
    assert_false(failed(inventory_reader_next(&r, &section, &row)));
    assert_null(row);
    close(fd);
    inventory_done(&d);
}

/* ---- JSON ---- */

static bool put_json(void *context, int section, const char *row)
{
    inventory_json_row(context, section, row);
    return true;
}

static void unknown_is_null_and_empty_sections_are_there(void **state)
{
    struct inventory_json out;
    struct inventory      d;
    struct json_put       j;
    struct buf            text;

    (void)state;
    inventory_init(&d);
    buf_init(&text, 1 << 16);
    inventory_add(&d, INVENTORY_PROCESSOR, "EPYC\t\t1\t\t8");
    inventory_add(&d, INVENTORY_GROUPS, "sudo\t27\talice\x1f" "bob");
    inventory_add(&d, INVENTORY_GROUPS, "users\t100\t");
    json_put_begin(&j, &text, false);
    inventory_json_begin(&out, &j, 0);
    inventory_each(&d, put_json, &out);
    inventory_json_end(&out);
    assert_false(failed(json_put_done(&j)));
    assert_string_equal(buf_text(&text),
                        "{\"version\":1,\"incomplete\":[],\"system\":null,\"environment\":null,\"os\":null,\"boot\":null,"
                        "\"processor\":{\"model\":\"EPYC\",\"vendor\":null,\"sockets\":1,\"cores\":null,\"threads\":8},"
                        "\"memory\":null,\"memory_modules\":[],\"disks\":[],\"interfaces\":[],\"network\":null,\"users\":[],"
                        "\"groups\":[{\"name\":\"sudo\",\"id\":27,\"members\":[\"alice\",\"bob\"]},"
                        "{\"name\":\"users\",\"id\":100,\"members\":[]}],"
                        "\"administrators\":[],\"services\":[],\"packages\":[]}");
    buf_done(&text);
    inventory_done(&d);
}

static void a_change_names_its_key_and_what_differs(void **state)
{
    static const struct {
        struct inventory_change change;
        const char             *want;
    } cases[] = {
        { { 0, INVENTORY_PACKAGES, "dpkg\tbash\tamd64\t\t5.2-1", "dpkg\tbash\tamd64\t\t5.2-2" },
          "{\"at\":\"1970-01-01T00:00:00Z\",\"section\":\"packages\",\"change\":\"changed\",\"key\":{\"manager\":\"dpkg\","
          "\"name\":\"bash\",\"architecture\":\"amd64\",\"slot\":null},\"was\":{\"version\":\"5.2-1\"},"
          "\"now\":{\"version\":\"5.2-2\"}}" },
        { { 0, INVENTORY_GROUPS, "", "sudo\t27\talice" },
          "{\"at\":\"1970-01-01T00:00:00Z\",\"section\":\"groups\",\"change\":\"added\",\"key\":{\"name\":\"sudo\"},"
          "\"now\":{\"id\":27,\"members\":[\"alice\"]}}" },
        { { 0, INVENTORY_GROUPS, "sudo\t27\t", "" },
          "{\"at\":\"1970-01-01T00:00:00Z\",\"section\":\"groups\",\"change\":\"removed\",\"key\":{\"name\":\"sudo\"},"
          "\"was\":{\"id\":27,\"members\":[]}}" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct json_put j;
        struct buf      text;

        buf_init(&text, 4096);
        json_put_begin(&j, &text, false);
        inventory_change_json(&cases[i].change, &j);
        assert_false(failed(json_put_done(&j)));
        assert_string_equal(buf_text(&text), cases[i].want);
        buf_done(&text);
    }
}

/* ---- gathering ---- */

static void an_empty_root_has_nothing_and_says_what_is_missing(void **state)
{
    struct inventory d;
    char             list[8192] = "", *root = rootdir_make();

    (void)state;
    inventory_init(&d);
    assert_false(failed(inventory_gather(root, &d)));
    inventory_each(&d, append, list);
    assert_non_null(strstr(list, "1:users\taccounts\treading /etc/passwd: there is no such thing"));
    assert_non_null(strstr(list, "1:groups\tgroups\treading /etc/group: there is no such thing"));
    assert_null(strstr(list, "\n16:"));
    inventory_done(&d);
    rootdir_remove(root);
}

static void who_may_become_root_is_told_with_the_reason(void **state)
{
    struct inventory d;
    char             list[8192] = "", *root = rootdir_make();

    (void)state;
    rootdir_write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nal:x:1001:1001::/:/bin/sh\n"
                                       "bob:x:1002:10::/:/bin/sh\ncarol:x:1003:1003::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n");
    rootdir_write(root, "/etc/group", "root:x:0:\nsudo:x:27:alice\nwheel:x:10:\ndocker:x:996:carol,alice\n");
    inventory_init(&d);
    assert_false(failed(inventory_gather(root, &d)));
    inventory_each(&d, append, list);
    assert_non_null(strstr(list, "14:alice\tgroup sudo\x1fgroup docker\n14:bob\tgroup wheel\n14:carol\tgroup docker\n"
                                 "14:root\tuser id 0\n14:toor\tuser id 0\n"));
    inventory_done(&d);
    rootdir_remove(root);
}

static void services_of_systemd_and_openrc_are_told(void **state)
{
    struct inventory d;
    char             list[8192] = "", *root = rootdir_make();

    (void)state;
    rootdir_write(root, "/usr/lib/systemd/system/ssh.service", "[Service]\n[Install]\nWantedBy=multi-user.target\n");
    rootdir_write(root, "/usr/lib/systemd/system/cron.service", "[Service]\n[Install]\n");
    rootdir_write(root, "/usr/lib/systemd/system/bus.service", "[Service]\n");
    rootdir_write(root, "/usr/lib/systemd/system/off.service", "[Service]\n[Install]\n");
    rootdir_write(root, "/usr/lib/systemd/system/getty@.service", "[Service]\n[Install]\n");
    rootdir_link(root, "/etc/systemd/system/off.service", "/dev/null");
    rootdir_link(root, "/etc/systemd/system/sshd.service", "/usr/lib/systemd/system/ssh.service");
    rootdir_link(root, "/etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service");
    rootdir_link(root, "/etc/systemd/system/getty.target.wants/getty@tty1.service", "/usr/lib/systemd/system/getty@.service");
    inventory_init(&d);
    assert_false(failed(inventory_gather(root, &d)));
    inventory_each(&d, append, list);
    assert_non_null(strstr(list, "15:systemd\tbus.service\tstatic\t\n15:systemd\tcron.service\tdisabled\t\n"
                                 "15:systemd\tgetty@tty1.service\tenabled\t\n15:systemd\toff.service\tmasked\t\n"
                                 "15:systemd\tssh.service\tenabled\t\n"));
    assert_null(strstr(list, "sshd.service"));
    inventory_done(&d);
    rootdir_remove(root);

    root = rootdir_make();
    rootdir_write(root, "/etc/init.d/sshd", "#!/sbin/openrc-run\n");
    rootdir_write(root, "/etc/init.d/crond", "#!/sbin/openrc-run\n");
    rootdir_write(root, "/etc/init.d/functions.sh", "");
    rootdir_link(root, "/etc/runlevels/default/sshd", "../../init.d/sshd");
    inventory_init(&d);
    list[0] = '\0';
    assert_false(failed(inventory_gather(root, &d)));
    inventory_each(&d, append, list);
    assert_non_null(strstr(list, "15:openrc\tcrond\tdisabled\t\n15:openrc\tsshd\tenabled\t\n"));
    assert_null(strstr(list, "functions"));
    inventory_done(&d);
    rootdir_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_by_section_and_key_and_no_key_is_twice),
        cmocka_unit_test(a_row_that_does_not_fit_is_cut_at_an_item_and_said_to_be),
        cmocka_unit_test(what_came_went_and_changed_is_told),
        cmocka_unit_test(what_could_not_be_read_is_not_gone),
        cmocka_unit_test(a_field_that_is_new_to_us_is_no_change),
        cmocka_unit_test(secrets_are_blanked_in_place),
        cmocka_unit_test(rows_come_through_whole_or_not_at_all),
        cmocka_unit_test(many_rows_cross_the_blocks_of_the_reader),
        cmocka_unit_test(unknown_is_null_and_empty_sections_are_there),
        cmocka_unit_test(a_change_names_its_key_and_what_differs),
        cmocka_unit_test(an_empty_root_has_nothing_and_says_what_is_missing),
        cmocka_unit_test(who_may_become_root_is_told_with_the_reason),
        cmocka_unit_test(services_of_systemd_and_openrc_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
