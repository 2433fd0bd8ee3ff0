#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The real collector over file systems of our own. */
#include "agent/collect/filesystem.c"

static const struct plat_filesystem *given;

struct err plat_filesystems_read(plat_filesystem_fn *each, void *context)
{
    each(context, given);
    return err_ok();
}

void plat_filesystems_done(void)
{
}

struct seen {
    struct sink sink;
    double      value[READ_ONLY + 1];
    bool        got[READ_ONLY + 1];
    char        mount_point[ATTR_VALUE_MAX], device[ATTR_VALUE_MAX];
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    ptrdiff_t    which = sample->metric - metrics;

    s->value[which] = sample->value;
    s->got[which] = true;
    assert_int_equal(sample->attr_count, 3);
    assert_string_equal(sample->attrs[0].key, "system.filesystem.mountpoint");
    strcpy(s->mount_point, sample->attrs[0].value);
    strcpy(s->device, sample->attrs[2].value);
}

static struct seen read_once(const struct plat_filesystem *f)
{
    struct seen s = { .sink = { on_sample } };

    given = f;
    assert_int_equal(collect_filesystem.read(&s.sink).code, ERR_OK);
    return s;
}

static void fullness_is_that_of_a_program_without_privileges(void **state)
{
    const struct plat_filesystem f = { "/srv", "/dev/sdb1", "ext4", 1000, 900, 50, 200, 50, false };
    struct seen                  s = read_once(&f);

    (void)state;
    assert_true(s.value[UTILIZATION] == 900.0 / 950);
    assert_true(s.value[USAGE] == 900 && s.value[LIMIT] == 1000 && s.value[AVAILABLE] == 50);
    assert_true(s.value[INODES] == 0.75 && s.got[READ_ONLY] && s.value[READ_ONLY] == 0);
    assert_string_equal(s.device, "/dev/sdb1");
}

static void a_file_system_without_a_fixed_number_of_inodes_gives_no_figure_of_them(void **state)
{
    const struct plat_filesystem f = { "/", "/dev/sda1", "btrfs", 1000, 0, 0, 0, 0, true };
    struct seen                  s = read_once(&f);

    (void)state;
    assert_false(s.got[INODES]);
    assert_false(s.got[UTILIZATION]); /* nothing used and nothing to be had: there is no ratio */
    assert_true(s.value[READ_ONLY] == 1);
}

static void names_become_utf8_and_are_cut(void **state)
{
    char                   path[1000], device[] = "/dev/\xff";
    struct plat_filesystem f = { path, device, "ext4", 1000, 900, 50, 0, 0, false };
    struct seen            s;

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    s = read_once(&f);
    assert_int_equal(strlen(s.mount_point), ATTR_VALUE_MAX - 1);
    assert_string_equal(s.device, "/dev/\xef\xbf\xbd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fullness_is_that_of_a_program_without_privileges),
        cmocka_unit_test(a_file_system_without_a_fixed_number_of_inodes_gives_no_figure_of_them),
        cmocka_unit_test(names_become_utf8_and_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
