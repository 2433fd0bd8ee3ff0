/* A device keeps its id; a copied disk becomes a device of its own; a disk that refuses still has one. */
#include "agent/outbox/device_id.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "check.h"

static const char MACHINE[] = "11111111111111111111111111111111";
static const char OTHER[] = "22222222222222222222222222222222";

struct folder {
    char path[64], file[96];
};

static void make(struct folder *f)
{
    snprintf(f->path, sizeof f->path, "/tmp/picket-device-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    snprintf(f->file, sizeof f->file, "%s/device-id", f->path);
}

static void drop(const struct folder *f)
{
    unlink(f->file);
    assert_int_equal(rmdir(f->path), 0); /* no draft was left behind */
}

static struct device_id find(const struct folder *f, const char *machine_id, enum device_id_how how)
{
    struct device_id id;

    assert_false(failed(device_id_find(f->path, machine_id, &id)));
    assert_int_equal(id.how, how);
    assert_int_equal(strlen(id.text), 32);
    assert_int_equal(strspn(id.text, "0123456789abcdef"), 32);
    return id;
}

static void write_text(const struct folder *f, const char *text)
{
    FILE *file = fopen(f->file, "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(f->file, 0600), 0);
}

static void it_is_made_once(void **state)
{
    struct folder    f;
    struct device_id first, again;
    struct stat      st;

    (void)state;
    make(&f);
    first = find(&f, MACHINE, DEVICE_ID_MADE);
    assert_int_equal(first.why.code, ERR_OK);
    again = find(&f, MACHINE, DEVICE_ID_KEPT);
    assert_string_equal(again.text, first.text);
    assert_int_equal(stat(f.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    drop(&f);
    make(&f);
    again = find(&f, MACHINE, DEVICE_ID_MADE);
    assert_string_not_equal(again.text, first.text);
    drop(&f);
}

static void the_machines_own_id_is_not_in_the_file(void **state)
{
    struct folder f;
    char          text[512];
    FILE         *file;
    size_t        len;

    (void)state;
    make(&f);
    find(&f, MACHINE, DEVICE_ID_MADE);
    file = fopen(f.file, "rb");
    assert_non_null(file);
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    fclose(file);
    assert_null(strstr(text, MACHINE));
    drop(&f);
}

static void a_copied_disk_is_another_device(void **state)
{
    struct folder    f;
    struct device_id first, copy;

    (void)state;
    make(&f);
    first = find(&f, MACHINE, DEVICE_ID_MADE);
    copy = find(&f, OTHER, DEVICE_ID_CLONED);
    assert_string_not_equal(copy.text, first.text);
    assert_string_equal(find(&f, OTHER, DEVICE_ID_KEPT).text, copy.text);
    drop(&f);
}

static void a_machine_without_an_id_is_the_same(void **state)
{
    struct folder    f;
    struct device_id first;

    (void)state;
    make(&f);
    first = find(&f, "", DEVICE_ID_MADE);
    assert_string_equal(find(&f, "", DEVICE_ID_KEPT).text, first.text);
    assert_string_equal(find(&f, MACHINE, DEVICE_ID_KEPT).text, first.text); /* it has one now */
    assert_string_equal(find(&f, "", DEVICE_ID_KEPT).text, first.text);
    find(&f, OTHER, DEVICE_ID_CLONED);
    drop(&f);
}

static void a_damaged_file_is_replaced_and_said(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "picket-device 1\n",
        "picket-device 2\nid 0123456789abcdef0123456789abcdef\nmachine unknown\n",
        "picket-device 1\nid 0123456789abcdef0123456789abcde\nmachine unknown\n",
        "picket-device 1\nid 0123456789abcdef0123456789abcdef\nmachine what\n",
        "picket-device 1\nid 0123456789abcdef0123456789abcdef\nmachine unknown\nmore\n",
        "picket-device 1\nid 0123456789ABCDEF0123456789abcdef\nmachine unknown\n",
        "picket-device 1\nid 0123456789abcdef0123456789abcdef0\nmachine unknown\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct folder    f;
        struct device_id id;

        make(&f);
        write_text(&f, texts[i]);
        id = find(&f, MACHINE, DEVICE_ID_MADE);
        assert_int_equal(id.why.code, ERR_MALFORMED);
        assert_string_equal(find(&f, MACHINE, DEVICE_ID_KEPT).text, id.text);
        drop(&f);
    }
}

static void a_large_file_or_a_link_is_not_believed(void **state)
{
    struct folder    f;
    struct device_id id;
    char             text[2000];

    (void)state;
    make(&f);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_text(&f, text);
    id = find(&f, MACHINE, DEVICE_ID_MADE);
    assert_int_equal(id.why.code, ERR_TOO_BIG);
    assert_int_equal(unlink(f.file), 0);
    assert_int_equal(symlink("/etc/hostname", f.file), 0);
    id = find(&f, MACHINE, DEVICE_ID_MADE);
    assert_int_equal(id.why.code, ERR_EXPOSED);
    assert_string_equal(find(&f, MACHINE, DEVICE_ID_KEPT).text, id.text);
    drop(&f);
}

static void a_disk_that_refuses_still_has_an_id(void **state)
{
    struct folder    nowhere = { .path = "/nonexistent/picket" };
    struct device_id first;

    (void)state;
    first = find(&nowhere, MACHINE, DEVICE_ID_DERIVED);
    assert_true(failed(first.why));
    assert_string_equal(find(&nowhere, MACHINE, DEVICE_ID_DERIVED).text, first.text);
    assert_string_not_equal(find(&nowhere, OTHER, DEVICE_ID_DERIVED).text, first.text);
    assert_string_not_equal(first.text, MACHINE);
    first = find(&nowhere, "", DEVICE_ID_PASSING);
    assert_string_not_equal(find(&nowhere, "", DEVICE_ID_PASSING).text, first.text);
}

/* Another id would put aside what the outbox holds. */
static void without_a_descriptor_there_is_no_other_id(void **state)
{
    struct folder    f;
    struct device_id id, kept;
    struct rlimit    now, none;
    struct err       e;

    (void)state;
    make(&f);
    kept = find(&f, MACHINE, DEVICE_ID_MADE);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    none = now;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    e = device_id_find(f.path, MACHINE, &id);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
    assert_int_equal(e.os, UV_EMFILE);
    assert_string_equal(find(&f, MACHINE, DEVICE_ID_KEPT).text, kept.text);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_once),
        cmocka_unit_test(without_a_descriptor_there_is_no_other_id),
        cmocka_unit_test(the_machines_own_id_is_not_in_the_file),
        cmocka_unit_test(a_copied_disk_is_another_device),
        cmocka_unit_test(a_machine_without_an_id_is_the_same),
        cmocka_unit_test(a_damaged_file_is_replaced_and_said),
        cmocka_unit_test(a_large_file_or_a_link_is_not_believed),
        cmocka_unit_test(a_disk_that_refuses_still_has_an_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
