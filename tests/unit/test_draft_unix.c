/* What is special to drafts on Unix: links, rights, and that an open file can be removed. */
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "platform/draft.h"
#include "tempdir.h"

struct rig {
    char folder[TEMPDIR_BYTES], path[TEMPDIR_BYTES + 16], draft[TEMPDIR_BYTES + 16], target[TEMPDIR_BYTES + 16];
};

static void make(struct rig *r)
{
    tempdir_make(NULL, "picket-draft", r->folder);
    snprintf(r->path, sizeof r->path, "%s/file", r->folder);
    snprintf(r->draft, sizeof r->draft, "%s/file.draft", r->folder);
    snprintf(r->target, sizeof r->target, "%s/target", r->folder);
}

static void publish(const struct rig *r)
{
    struct plat_draft *draft = NULL;

    assert_false(failed(plat_draft_open(r->path, &draft)));
    assert_false(failed(plat_draft_write(draft, "new", 3)));
    assert_false(failed(plat_draft_publish(&draft)));
}

static void a_published_file_is_ours_alone(void **state)
{
    struct rig  r;
    struct stat what;

    (void)state;
    make(&r);
    publish(&r);
    assert_int_equal(stat(r.path, &what), 0);
    assert_int_equal(what.st_mode & 07777, 0600);
    tempdir_remove(r.folder);
}

static void a_link_in_its_way_is_replaced_not_followed(void **state)
{
    struct rig  r;
    struct stat what;

    (void)state;
    make(&r);
    assert_int_equal(symlink(r.target, r.draft), 0); /* laid by somebody else */
    publish(&r);
    assert_int_equal(lstat(r.path, &what), 0);
    assert_true(S_ISREG(what.st_mode));
    assert_int_equal(what.st_size, 3);
    assert_int_not_equal(access(r.target, F_OK), 0);
    tempdir_remove(r.folder);
}

static void a_failed_publication_leaves_the_old_file(void **state)
{
    struct plat_draft *draft = NULL;
    struct stat        what;
    struct rig         r;

    (void)state;
    make(&r);
    publish(&r);
    assert_false(failed(plat_draft_open(r.path, &draft)));
    assert_int_equal(unlink(r.draft), 0); /* the rename will miss it */
    assert_int_equal(plat_draft_publish(&draft).code, ERR_NOT_FOUND);
    assert_null(draft);
    assert_int_equal(stat(r.path, &what), 0);
    assert_int_equal(what.st_size, 3);
    tempdir_remove(r.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_file_is_ours_alone),
        cmocka_unit_test(a_link_in_its_way_is_replaced_not_followed),
        cmocka_unit_test(a_failed_publication_leaves_the_old_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
