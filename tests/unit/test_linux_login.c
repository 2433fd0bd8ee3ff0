#include "check.h"

#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/login_parse.h"
#include "platform/sessions.h"
#include "rootdir.h"

/* ---- records ---- */

struct row {
    int         kind;
    const char *user, *host;
    int64_t     at_s;
};

/* As a C library of either kind writes them. */
static void put_record(struct buf *into, size_t bytes, const struct row *row)
{
    char    record[LOGIN_RECORD_MAX] = { 0 };
    int16_t kind = (int16_t)row->kind;
    int32_t pid = 4321, at_32 = (int32_t)row->at_s;

    memcpy(record, &kind, sizeof kind);
    memcpy(record + 4, &pid, sizeof pid);
    snprintf(record + 44, 32, "%s", row->user);
    snprintf(record + 76, 256, "%s", row->host ? row->host : "");
    if (bytes == 384)
        memcpy(record + 340, &at_32, sizeof at_32);
    else
        memcpy(record + 344, &row->at_s, sizeof row->at_s);
    buf_add(into, record, bytes);
}

static const size_t sizes[] = { 384, 400 };

static void records_of_either_size_are_told_apart_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct buf   text;
        struct login login;

        buf_init(&text, 1 << 16);
        for (int k = 0; k < 3; k++)
            put_record(&text, sizes[i], &(struct row){ LOGIN_USER, "alice", "192.0.2.7", 1700000000 });
        assert_int_equal(login_record_bytes(text.data, text.len), sizes[i]);
        login_parse(text.data + sizes[i], sizes[i], &login);
        assert_int_equal(login.kind, LOGIN_USER);
        assert_int_equal(login.pid, 4321);
        assert_string_equal(login.user, "alice");
        assert_string_equal(login.host, "192.0.2.7");
        assert_int_equal(login.at_s, 1700000000);
        assert_int_equal(login_record_bytes(text.data, text.len - 1), 0);
        buf_done(&text);
    }
    assert_int_equal(login_record_bytes("", 0), 0);
}

static void a_name_that_fills_its_field_ends_with_it(void **state)
{
    char         record[384];
    struct login login;

    (void)state;
    memset(record, 'x', sizeof record);
    login_parse(record, sizeof record, &login);
    assert_int_equal(strlen(login.user), 32);
    assert_int_equal(strlen(login.host), 256);
}

/* ---- how a run ended ---- */

enum { NOW_S = 1700000000, HOUR = 3600 };

static void the_records_before_the_boot_say_how_it_came_to_it(void **state)
{
    static const struct {
        const char    *name;
        struct row     rows[5];
        enum login_end want;
    } cases[] = {
        { "shut down",
          { { 2, "reboot", 0, NOW_S - 9 * HOUR },
            { 7, "alice", "", NOW_S - 5 * HOUR },
            { 1, "shutdown", 0, NOW_S - HOUR },
            { 2, "reboot", 0, NOW_S + 3 },
            { 1, "runlevel", 0, NOW_S + 9 } },
          LOGIN_END_CLEAN },
        { "power cut",
          { { 2, "reboot", 0, NOW_S - 9 * HOUR },
            { 1, "runlevel", 0, NOW_S - 9 * HOUR },
            { 7, "alice", "", NOW_S - 5 * HOUR },
            { 2, "reboot", 0, NOW_S + 3 },
            { 7, "alice", "", NOW_S + 60 } },
          LOGIN_END_UNCLEAN },
        { "twice, and shut down before that",
          { { 1, "shutdown", 0, NOW_S - 9 * HOUR }, { 2, "reboot", 0, NOW_S - 8 * HOUR }, { 2, "reboot", 0, NOW_S } },
          LOGIN_END_UNCLEAN },
        { "rotated", { { 7, "alice", "", NOW_S - 5 * HOUR }, { 2, "reboot", 0, NOW_S } }, LOGIN_END_UNKNOWN },
        { "written no more",
          { { 2, "reboot", 0, NOW_S - 99 * HOUR }, { 2, "reboot", 0, NOW_S - 98 * HOUR } },
          LOGIN_END_UNKNOWN },
        { "a time that no clock says", { { 1, "shutdown", 0, NOW_S }, { 2, "reboot", 0, INT64_MIN } }, LOGIN_END_UNKNOWN },
        { "nothing", { { 0, "", 0, 0 } }, LOGIN_END_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            struct buf text;

            buf_init(&text, 1 << 16);
            for (size_t k = 0; k < 5 && (k == 0 || cases[i].rows[k].user); k++)
                put_record(&text, sizes[s], &cases[i].rows[k]);
            if (login_end_before(text.data, text.len, NOW_S) != cases[i].want)
                fail_msg("%s", cases[i].name);
            buf_done(&text);
        }
    assert_int_equal(login_end_before("no records", 10, NOW_S), LOGIN_END_UNKNOWN);
}

/* ---- sessions ---- */

static void only_people_who_are_logged_on_count(void **state)
{
    static const struct {
        const char *text;
        bool        counts, remote;
    } cases[] = {
        { "UID=1000\nUSER=alice\nSTATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\n", true, false },
        { "UID=1000\nSTATE=online\nREMOTE=1\nREMOTE_HOST=192.0.2.7\nTYPE=tty\nCLASS=user\n", true, true },
        { "UID=0\nSTATE=active\nREMOTE=0\nCLASS=user-early\n", true, false },
        { "UID=1000\nSTATE=closing\nREMOTE=1\nCLASS=user\n", false, false },
        { "UID=115\nSTATE=active\nREMOTE=0\nCLASS=greeter\n", false, false },
        { "UID=1000\nSTATE=active\nCLASS=manager\n", false, false },
        { "UID=0\nSTATE=active\nCLASS=background\n", false, false },
        { "STATE=active\nCLASS=user\n", false, false },
        { "UID=x\nCLASS=user\n", false, false },
        { "", false, false },
        { "CLASS", false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t user = 0;
        bool     remote = false;

        if (login_session_parse(cases[i].text, strlen(cases[i].text), &user, &remote) != cases[i].counts ||
            remote != cases[i].remote)
            fail_msg("%zu", i);
    }
}

static void put_session(const char *root, const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "/run/systemd/sessions/%s", name);
    rootdir_write(root, path, text);
}

static void logind_counts_before_utmp_and_utmp_without_it(void **state)
{
    const char          *root = rootdir_make();
    struct plat_sessions s;
    struct buf           utmp;

    (void)state;
    assert_int_equal(plat_sessions_read(root, &s).code, ERR_UNSUPPORTED);
    buf_init(&utmp, 1 << 16);
    put_record(&utmp, 384, &(struct row){ LOGIN_BOOT, "reboot", "6.1", NOW_S });
    put_record(&utmp, 384, &(struct row){ LOGIN_USER, "alice", ":0", NOW_S });
    put_record(&utmp, 384, &(struct row){ LOGIN_USER, "alice", "192.0.2.7", NOW_S });
    put_record(&utmp, 384, &(struct row){ LOGIN_USER, "bob", "host.example", NOW_S });
    put_record(&utmp, 384, &(struct row){ 8, "carol", "host.example", NOW_S });
    rootdir_put(root, "/run/utmp", utmp.data, utmp.len);
    assert_int_equal(plat_sessions_read(root, &s).code, ERR_OK);
    assert_true(s.local == 1 && s.remote == 2 && s.users == 2);
    put_session(root, "c1", "UID=115\nSTATE=active\nREMOTE=0\nCLASS=greeter\n");
    put_session(root, "3", "UID=1000\nSTATE=active\nREMOTE=0\nCLASS=user\n");
    put_session(root, "7", "UID=1000\nSTATE=active\nREMOTE=1\nCLASS=user\n");
    put_session(root, "3.ref", "");
    assert_int_equal(plat_sessions_read(root, &s).code, ERR_OK);
    assert_true(s.local == 1 && s.remote == 1 && s.users == 1);
    buf_done(&utmp);
    rootdir_remove(root);
}

static void nobody_there_is_none_and_damage_is_no_number(void **state)
{
    const char          *root = rootdir_make();
    struct plat_sessions s = { .users = 9 };

    (void)state;
    rootdir_put(root, "/run/utmp", "", 0);
    assert_int_equal(plat_sessions_read(root, &s).code, ERR_OK);
    assert_true(s.local == 0 && s.remote == 0 && s.users == 0);
    rootdir_write(root, "/run/utmp", "these are no records");
    assert_int_equal(plat_sessions_read(root, &s).code, ERR_MALFORMED);
    rootdir_remove(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_either_size_are_told_apart_and_read),
        cmocka_unit_test(a_name_that_fills_its_field_ends_with_it),
        cmocka_unit_test(the_records_before_the_boot_say_how_it_came_to_it),
        cmocka_unit_test(only_people_who_are_logged_on_count),
        cmocka_unit_test(logind_counts_before_utmp_and_utmp_without_it),
        cmocka_unit_test(nobody_there_is_none_and_damage_is_no_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
