#include "check.h"
#include "platform/draft.h"
#include "tempdir.h"

static char folder[TEMPDIR_BYTES], path[TEMPDIR_BYTES + 16], draft_path[TEMPDIR_BYTES + 16];

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

static void what_a_crash_left_is_replaced(void **state)
{
    struct plat_draft *draft = NULL;
    FILE              *left = fopen(draft_path, "w");

    (void)state;
    put("old");
    assert_non_null(left);
    fputs("half of something", left);
    fclose(left);
    assert_false(failed(plat_draft_open(path, &draft)));
    assert_false(failed(plat_draft_write(draft, "new", 3)));
    assert_false(failed(plat_draft_publish(&draft)));
    assert_string_equal(content(path), "new");
    assert_null(content(draft_path));
}

static void no_folder_is_said_at_once(void **state)
{
    struct plat_draft *draft = NULL;

    (void)state;
    assert_int_equal(plat_draft_open("/nowhere/at/all", &draft).code, ERR_NOT_FOUND);
    assert_null(draft);
}

static int begin(void **state)
{
    (void)state;
    tempdir_make(NULL, "picket-draft", folder);
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(draft_path, sizeof draft_path, "%s/file.draft", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tempdir_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_draft_takes_the_place),
        cmocka_unit_test(a_discarded_draft_leaves_all_as_it_was),
        cmocka_unit_test(what_a_crash_left_is_replaced),
        cmocka_unit_test(no_folder_is_said_at_once),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
