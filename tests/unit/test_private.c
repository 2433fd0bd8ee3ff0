/* Folders and files that are ours alone; everything else is EXPOSED. */
#include "platform/private.h"

#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/picket-private-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static const char *in_root(const char *name)
{
    static char paths[4][128];
    static int  next;
    char       *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 0777;
}

static void write_file(const char *path, const char *text, unsigned mode)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_folder_is_made_with_its_parents_for_us_alone(void **state)
{
    (void)state;
    umask(0);
    assert_int_equal(plat_private_dir(in_root("a/b/c")).code, ERR_OK);
    assert_int_equal(mode_of(in_root("a")), 0700);
    assert_int_equal(mode_of(in_root("a/b/c")), 0700);
    assert_int_equal(plat_private_dir(in_root("a/b/c")).code, ERR_OK);
    assert_int_equal(plat_private_dir(in_root("a/b/c/")).code, ERR_OK);
    assert_int_equal(plat_private_dir_sync(in_root("a/b/c")).code, ERR_OK);
    umask(022);
}

static void a_folder_that_others_may_write_to_is_exposed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_root("open"), 0700), 0);
    assert_int_equal(chmod(in_root("open"), 0770), 0);
    assert_int_equal(plat_private_dir(in_root("open")).code, ERR_EXPOSED);
    assert_int_equal(chmod(in_root("open"), 0755), 0); /* they may look */
    assert_int_equal(plat_private_dir(in_root("open")).code, ERR_OK);
    if (geteuid() == 0) {
        assert_int_equal(chown(in_root("open"), 12345, 12345), 0);
        assert_int_equal(plat_private_dir(in_root("open")).code, ERR_EXPOSED);
    }
    write_file(in_root("file"), "", 0600);
    assert_true(failed(plat_private_dir(in_root("file"))));
    assert_true(failed(plat_private_dir(in_root("file/below"))));
    assert_true(failed(plat_private_dir("")));
}

static void a_file_is_made_or_closed_to_others(void **state)
{
    (void)state;
    umask(0);
    assert_int_equal(plat_private_file(in_root("new"), false).code, ERR_NOT_FOUND);
    assert_int_equal(plat_private_file(in_root("new"), true).code, ERR_OK);
    assert_int_equal(mode_of(in_root("new")), 0600);
    write_file(in_root("read"), "x", 0644);
    assert_int_equal(plat_private_file(in_root("read"), true).code, ERR_OK);
    assert_int_equal(mode_of(in_root("read")), 0600);
    umask(022);
}

static void what_is_not_a_file_of_ours_is_exposed(void **state)
{
    (void)state;
    write_file(in_root("target"), "x", 0600);
    assert_int_equal(symlink(in_root("target"), in_root("link")), 0);
    assert_int_equal(plat_private_file(in_root("link"), true).code, ERR_EXPOSED);
    assert_int_equal(link(in_root("target"), in_root("second-name")), 0);
    assert_int_equal(plat_private_file(in_root("target"), true).code, ERR_EXPOSED);
    assert_int_equal(mkfifo(in_root("fifo"), 0600), 0);
    assert_true(failed(plat_private_file(in_root("fifo"), true))); /* and it does not wait */
    assert_int_equal(plat_private_file(root, false).code, ERR_EXPOSED);
    if (geteuid() == 0) {
        write_file(in_root("theirs"), "x", 0600);
        assert_int_equal(chown(in_root("theirs"), 12345, 12345), 0);
        assert_int_equal(plat_private_file(in_root("theirs"), false).code, ERR_EXPOSED);
    }
}

static void reading_is_whole_or_nothing(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 10);
    assert_int_equal(buf_add_text(&text, "1:").code, ERR_OK);
    assert_int_equal(plat_private_read(in_root("none"), &text).code, ERR_NOT_FOUND);
    write_file(in_root("eight"), "12345678", 0600);
    assert_int_equal(plat_private_read(in_root("eight"), &text).code, ERR_OK);
    assert_string_equal(buf_text(&text), "1:12345678");
    buf_cut(&text, 3);
    assert_int_equal(plat_private_read(in_root("eight"), &text).code, ERR_TOO_BIG);
    assert_string_equal(buf_text(&text), "1:1");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_made_with_its_parents_for_us_alone, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_folder_that_others_may_write_to_is_exposed, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_file_is_made_or_closed_to_others, make_root, remove_root),
        cmocka_unit_test_setup_teardown(what_is_not_a_file_of_ours_is_exposed, make_root, remove_root),
        cmocka_unit_test_setup_teardown(reading_is_whole_or_nothing, make_root, remove_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
