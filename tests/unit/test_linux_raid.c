#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/health_parse.h"

static void print(void *context, const struct plat_raid *r)
{
    struct buf *said = context;

    buf_printf(said, "%s=%s%s%s", r->name, r->level, r->degraded ? ",degraded" : "", r->inactive ? ",inactive" : "");
    if (r->missing || r->failed || r->spare)
        buf_printf(said, ",missing:%u,failed:%u,spare:%u", r->missing, r->failed, r->spare);
    if (r->syncing)
        buf_printf(said, ",sync:%.1f%%", r->progress * 100);
    buf_add_byte(said, ' ');
}

static struct err say(const char *text, size_t len, struct buf *said)
{
    buf_init(said, 1 << 20);
    return plat_mdstat_parse(text, len, print, said);
}

static void captured_files_say_how_each_array_is(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        { "raid1-healthy", "md0=raid1 md1=raid1 " },
        { "raid1-failed", "md0=raid1,degraded,missing:1,failed:1,spare:0 " },
        { "raid5-recovery", "md127=raid5,degraded,missing:1,failed:0,spare:1,sync:12.6% " },
        { "resync-delayed", "md1=raid1,sync:0.0% md0=raid1,sync:0.0% " },
        { "check-raid10", "md3=raid10,sync:53.2% " },
        { "imsm-container", "md126=raid1 " },
        { "inactive-leftover", "md5=,inactive,missing:0,failed:0,spare:1 md6=raid0,degraded " },
        { "no-arrays", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf said;
        char       path[80];
        size_t     len;
        char      *text;

        snprintf(path, sizeof path, "linux/mdstat/%s", cases[i].name);
        text = fixture_read(path, &len);
        assert_int_equal(say(text, len, &said).code, ERR_OK);
        assert_string_equal(buf_text(&said), cases[i].want);
        buf_done(&said);
        free(text);
    }
}

static void what_is_no_array_is_malformed_or_passed_over(void **state)
{
    static const struct {
        const char   *text, *want;
        enum err_code code;
    } cases[] = {
        { "", "", ERR_OK },
        { "  [2/1] [U_]\n", "", ERR_OK }, /* of no array */
        { "md0\n", "", ERR_MALFORMED },
        { "md0 active\n", "", ERR_MALFORMED },
        { "md0 : active raid1 a[0]\n 1 blocks [3/2\n", "md0=raid1 ", ERR_OK },
        { "md0 : active raid1 a[0]\n 1 blocks [99999999999999999999/1]\n", "md0=raid1 ", ERR_OK },
        { "md0 : active raid1 a[0]\n 1 blocks [1/3] [UUU]\n", "md0=raid1 ", ERR_OK },
        { "md0 : active raid1 a[0]\n  recovery = 250.0% (\n", "md0=raid1,sync:0.0% ", ERR_OK },
        { "md0 : active raid1 a[0]\nbroken\n", "md0=raid1 ", ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf said;

        if (say(cases[i].text, strlen(cases[i].text), &said).code != cases[i].code)
            fail_msg("\"%s\"", cases[i].text);
        assert_string_equal(buf_text(&said), cases[i].want);
        buf_done(&said);
    }
}

static void a_pool_is_whole_or_not_or_unknown(void **state)
{
    static const struct {
        const char   *text;
        enum err_code code;
        bool          degraded;
    } cases[] = {
        { "ONLINE\n", ERR_OK, false },       { "ONLINE", ERR_OK, false },     { "DEGRADED\n", ERR_OK, true },
        { "FAULTED\n", ERR_OK, true },       { "SUSPENDED\n", ERR_OK, true }, { "UNAVAIL\n", ERR_OK, true },
        { "", ERR_MALFORMED, false },        { "\n", ERR_MALFORMED, false },  { "FINE\n", ERR_MALFORMED, false },
        { "ONLINEX", ERR_MALFORMED, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool degraded = false;

        if (plat_zfs_state_parse(cases[i].text, strlen(cases[i].text), &degraded).code != cases[i].code ||
            degraded != cases[i].degraded)
            fail_msg("\"%s\"", cases[i].text);
    }
}

static void add_stat(void *context, const char *kind, uint64_t count)
{
    buf_printf(context, "%s:%llu ", kind, (unsigned long long)count);
}

static void btrfs_counts_by_kind(void **state)
{
    static const struct {
        const char   *fixture, *text, *want;
        enum err_code code;
    } cases[] = {
        { "linux/btrfsstats/debian12-6.18", NULL, "write:0 read:0 flush:0 corruption:0 generation:0 ", ERR_OK },
        { "linux/btrfsstats/failing", NULL, "write:3 read:1849 flush:1 corruption:12 generation:0 ", ERR_OK },
        { NULL, "", "", ERR_MALFORMED },
        { NULL, "invalid\n", "", ERR_MALFORMED },
        { NULL, "write_errs -1\nread_errs 7\n_errs 1\nx 3\n", "read:7 ", ERR_OK },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf said;
        size_t     len = cases[i].text ? strlen(cases[i].text) : 0;
        char      *text = cases[i].fixture ? fixture_read(cases[i].fixture, &len) : strdup(cases[i].text);

        buf_init(&said, 4096);
        assert_int_equal(plat_btrfs_stats_parse(text, len, add_stat, &said).code, cases[i].code);
        assert_string_equal(buf_text(&said), cases[i].want);
        buf_done(&said);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_say_how_each_array_is),
        cmocka_unit_test(what_is_no_array_is_malformed_or_passed_over),
        cmocka_unit_test(a_pool_is_whole_or_not_or_unknown),
        cmocka_unit_test(btrfs_counts_by_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
