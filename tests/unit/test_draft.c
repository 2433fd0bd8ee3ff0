#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/draft.h"

static char folder[] = "/tmp/test_draft.XXXXXX";
static char path[64], draft_path[64];

static void put(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const char *content(const char *of)
{
    static char text[64];
    FILE       *f = fopen(of, "r");
    size_t      len;

    if (!f)
        return NULL;
    len = fread(text, 1, sizeof text - 1, f);
    text[len] = '\0';
    fclose(f);
    return text;
}

static void a_published_draft_takes_the_place(void **state)
{
    struct plat_draft *draft = NULL;
    struct stat        what;

    (void)state;
    put("old");
    assert_false(failed(plat_draft_open(path, &draft)));
    assert_false(failed(plat_draft_write(draft, "ne", 2)));
    assert_string_equal(content(path), "old"); /* still */
    assert_false(failed(plat_draft_write(draft, "w", 1)));
    assert_false(failed(plat_draft_publish(&draft)));
    assert_null(draft);
    assert_string_equal(content(path), "new");
    assert_null(content(draft_path));
    assert_int_equal(stat(path, &what), 0);
    assert_int_equal(what.st_mode & 07777, 0600);
    plat_draft_discard(&draft); /* nothing to do */
}

static void a_discarded_draft_leaves_all_as_it_was(void **state)
{
    struct plat_draft *draft = NULL;

    (void)state;
    put("old");
    assert_false(failed(plat_draft_open(path, &draft)));
    assert_false(failed(plat_draft_write(draft, "new", 3)));
    plat_draft_discard(&draft);
    assert_null(draft);
    assert_string_equal(content(path), "old");
    assert_null(content(draft_path));
}

static void what_a_crash_left_is_replaced_not_followed(void **state)
{
    struct plat_draft *draft = NULL;
    char               target[64];

    (void)state;
    snprintf(target, sizeof target, "%s/target", folder);
    put("old");
    assert_int_equal(symlink(target, draft_path), 0); /* laid by somebody else */
    assert_false(failed(plat_draft_open(path, &draft)));
    assert_false(failed(plat_draft_write(draft, "new", 3)));
    assert_false(failed(plat_draft_publish(&draft)));
    assert_string_equal(content(path), "new");
    assert_null(content(target));
}

static void no_folder_is_said_at_once(void **state)
{
    struct plat_draft *draft = NULL;

    (void)state;
    assert_int_equal(plat_draft_open("/nowhere/at/all", &draft).code, ERR_NOT_FOUND);
    assert_null(draft);
}

static void a_failed_publication_leaves_the_old_file(void **state)
{
    struct plat_draft *draft = NULL;

    (void)state;
    put("old");
    assert_false(failed(plat_draft_open(path, &draft)));
    assert_int_equal(unlink(draft_path), 0); /* the rename will miss it */
    assert_int_equal(plat_draft_publish(&draft).code, ERR_NOT_FOUND);
    assert_null(draft);
    assert_string_equal(content(path), "old");
}

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(draft_path, sizeof draft_path, "%s/file.draft", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_draft_takes_the_place),
        cmocka_unit_test(a_discarded_draft_leaves_all_as_it_was),
        cmocka_unit_test(what_a_crash_left_is_replaced_not_followed),
        cmocka_unit_test(no_folder_is_said_at_once),
        cmocka_unit_test(a_failed_publication_leaves_the_old_file),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
