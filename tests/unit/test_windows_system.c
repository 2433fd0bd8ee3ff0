/* What platform/windows says, asked of the system itself: under Wine the figures are the machine's below. */
#include "check.h"
#include "platform/buf.h"
#include "platform/cpu.h"
#include "platform/draft.h"
#include "platform/file.h"
#include "platform/filesystems.h"
#include "platform/lock.h"
#include "platform/machine.h"
#include "platform/memory.h"
#include "platform/paths.h"
#include "platform/private.h"
#include "platform/processes.h"
#include "platform/proclist.h"
#include "platform/secret.h"
#include "platform/sleep.h"
#include "platform/uptime.h"
#include "platform/user.h"
#include "platform/windows/wide.h"
#include "tempdir.h"

static void well(struct err e)
{
    char text[200];

    if (failed(e))
        fail_msg("%s", err_print(e, text, sizeof text));
}

static void memory_and_uptime_are_plausible(void **state)
{
    struct plat_memory m;
    double             up_s = 0;
    uint64_t           slept_ms = 0;

    (void)state;
    well(plat_memory_read(&m));
    assert_true(m.total_bytes >= 64 << 20 && m.available_bytes > 0 && m.available_bytes <= m.total_bytes);
    well(plat_uptime_read(&up_s));
    assert_true(up_s > 0);
    well(plat_sleep_read(&slept_ms));
    assert_true((double)slept_ms <= up_s * 1000 + 1000);
}

static void cpu_times_only_grow(void **state)
{
    struct plat_cpus before, after;
    volatile double  work = 0;

    (void)state;
    well(plat_cpu_read(&before));
    for (int i = 0; i < 20000000; i++)
        work += i;
    well(plat_cpu_read(&after));
    assert_true(after.count >= 1);
    assert_true(after.all.ticks[PLAT_CPU_USER] >= before.all.ticks[PLAT_CPU_USER]);
    assert_true(after.all.ticks[PLAT_CPU_IDLE] + after.all.ticks[PLAT_CPU_USER] > 0);
    assert_true(after.missing & 1u << PLAT_CPU_STEAL);
    assert_false(after.missing & 1u << PLAT_CPU_USER);
}

static void see_filesystem(void *context, const struct plat_filesystem *f)
{
    bool *seen = context;

    assert_true(f->total_bytes > 0 && f->used_bytes <= f->total_bytes && f->available_bytes <= f->total_bytes);
    if (strcmp(f->mount_point, "C:\\") == 0)
        *seen = true;
}

static void the_system_drive_is_a_file_system(void **state)
{
    bool seen = false;

    (void)state;
    well(plat_filesystems_read(see_filesystem, &seen));
    assert_true(seen);
}

struct search {
    uint64_t id, count, memory_bytes;
};

static void see_process(void *context, const struct plat_process *p)
{
    struct search *s = context;

    s->count++;
    if (p->id == s->id)
        s->memory_bytes = p->memory_bytes;
}

static void we_are_among_the_processes(void **state)
{
    struct search s = { .id = GetCurrentProcessId() };
    uint64_t      count = 0;

    (void)state;
    well(plat_processes_read(&count));
    assert_true(count >= 1);
    well(plat_proclist_read(see_process, &s));
    assert_true(s.count >= 1);
    assert_true(s.memory_bytes > 100000);
}

static void the_machine_has_names(void **state)
{
    struct plat_machine m;
    struct plat_user    self;

    (void)state;
    well(plat_machine_read(&m));
    assert_string_equal(m.os_id, "windows");
    assert_true(m.host_name[0] && m.kernel[0] && m.architecture[0]);
    assert_int_equal(strlen(m.id), 32);
    plat_user_self(&self);
    assert_true(self.name[0]);
}

static void a_lock_is_busy_until_it_is_released(void **state)
{
    char folder[TEMPDIR_BYTES], path[TEMPDIR_BYTES + 8];
    int  one = -1, two = -1;

    (void)state;
    tempdir_make(NULL, "picket-lock", folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    well(plat_lock_take(path, &one));
    assert_int_equal(plat_lock_take(path, &two).code, ERR_BUSY);
    plat_lock_release(&one);
    well(plat_lock_take(path, &two));
    plat_lock_release(&two);
    tempdir_remove(folder);
}

/* Names beyond ASCII, and what we wrote for ourselves passes our own checks. */
static void what_we_keep_is_ours_and_read_back(void **state)
{
    char               folder[TEMPDIR_BYTES], below[TEMPDIR_BYTES + 16], path[TEMPDIR_BYTES + 32];
    struct plat_draft *draft = NULL;
    struct buf         text;

    (void)state;
    tempdir_make(NULL, "picket-private", folder);
    snprintf(below, sizeof below, "%s/a/zust\u00e4nde", folder);
    snprintf(path, sizeof path, "%s/key", below);
    well(plat_private_dir(below));
    well(plat_private_dir(below)); /* as found */
    assert_int_equal(plat_private_file(path, false).code, ERR_NOT_FOUND);
    well(plat_draft_open(path, &draft));
    well(plat_draft_write(draft, "secret\r\n", 8));
    well(plat_draft_publish(&draft));
    well(plat_private_file(path, false));
    buf_init(&text, 100);
    well(plat_private_read(path, &text));
    assert_string_equal(buf_text(&text), "secret\r\n");
    plat_secret_done(&text);
    buf_init(&text, 100);
    well(plat_secret_read(path, &text));
    assert_string_equal(buf_text(&text), "secret");
    plat_secret_done(&text);
    tempdir_remove(folder);
}

static void a_folder_is_no_file(void **state)
{
    char       folder[TEMPDIR_BYTES];
    struct buf text;

    (void)state;
    tempdir_make(NULL, "picket-file", folder);
    buf_init(&text, 100);
    assert_int_equal(plat_file_read(folder, &text).code, ERR_MALFORMED);
    assert_int_equal(plat_file_read("C:\\no such\\file", &text).code, ERR_NOT_FOUND);
    buf_done(&text);
    tempdir_remove(folder);
}

static void an_absolute_path_has_a_drive_or_a_server(void **state)
{
    static const struct {
        const char *path;
        bool        absolute;
    } cases[] = { { "C:\\x", true }, { "c:/x", true }, { "\\\\server\\share", true },
                  { "C:x", false },  { "\\x", false }, { "/x", false },
                  { "x", false },    { "", false },    { "1:\\x", false } };
    char whole[PLAT_PATH_BYTES];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (plat_path_is_absolute(cases[i].path) != cases[i].absolute)
            fail_msg("%s", cases[i].path);
    well(plat_path_complete("x", whole, sizeof whole));
    assert_true(plat_path_is_absolute(whole));
}

static void text_is_cut_between_characters(void **state)
{
    static const wchar_t text[] = {
        L'a', 0x20ac, 0xd83d, 0xde00, L'\n', L'\0'
    }; /* a, euro sign, a face, a line break */
    static const struct {
        size_t      size;
        const char *want;
    } cases[] = { { 16, "a\u20ac\U0001f600 " },
                  { 9, "a\u20ac\U0001f600" },
                  { 8, "a\u20ac" },
                  { 5, "a\u20ac" },
                  { 4, "a" },
                  { 2, "a" },
                  { 1, "" } };
    char into[16];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        wide_print(text, into, cases[i].size);
        if (strcmp(into, cases[i].want) != 0)
            fail_msg("%zu bytes: \"%s\"", cases[i].size, into);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_uptime_are_plausible),
        cmocka_unit_test(cpu_times_only_grow),
        cmocka_unit_test(the_system_drive_is_a_file_system),
        cmocka_unit_test(we_are_among_the_processes),
        cmocka_unit_test(the_machine_has_names),
        cmocka_unit_test(a_lock_is_busy_until_it_is_released),
        cmocka_unit_test(what_we_keep_is_ours_and_read_back),
        cmocka_unit_test(a_folder_is_no_file),
        cmocka_unit_test(an_absolute_path_has_a_drive_or_a_server),
        cmocka_unit_test(text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
