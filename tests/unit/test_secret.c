#include "tests/unit/check.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/file.h"
#include "platform/secret.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/picket-secret-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *make_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
    const char *path = path_of(name);
    FILE       *file;

    remove(path); /* of an earlier case, which we may not be allowed to write */
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void a_secret_is_what_stands_in_the_file_but_its_line_end(void **state)
{
    static const struct {
        const char   *bytes;
        size_t        len;
        enum err_code want;
        const char   *secret;
    } cases[] = {
        { "hush", 4, ERR_OK, "hush" },         { "hush\n", 5, ERR_OK, "hush" },
        { "hush\r\n", 6, ERR_OK, "hush" },     { "hush\n\n", 6, ERR_OK, "hush\n" },
        { " hush ", 6, ERR_OK, " hush " },     { "a\nb\n", 4, ERR_OK, "a\nb" },
        { "", 0, ERR_MALFORMED, "" },          { "\n", 1, ERR_MALFORMED, "" },
        { "hu\0sh", 5, ERR_MALFORMED, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf secret;

        buf_init(&secret, SECRET_MAX_BYTES);
        assert_int_equal(plat_secret_read(make_file("s", cases[i].bytes, cases[i].len, 0600), &secret).code, cases[i].want);
        assert_string_equal(buf_text(&secret), cases[i].secret);
        plat_secret_done(&secret);
        assert_null(secret.data);
        unlink(path_of("s"));
    }
}

static void only_its_owner_may_touch_it(void **state)
{
    static const struct {
        mode_t        mode;
        enum err_code want;
    } cases[] = {
        { 0600, ERR_OK },      { 0400, ERR_OK },      { 0700, ERR_OK },      { 0640, ERR_EXPOSED },
        { 0604, ERR_EXPOSED }, { 0620, ERR_EXPOSED }, { 0602, ERR_EXPOSED }, { 0610, ERR_EXPOSED },
        { 0644, ERR_EXPOSED }, { 0666, ERR_EXPOSED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf secret;

        buf_init(&secret, SECRET_MAX_BYTES);
        assert_int_equal(plat_secret_read(make_file("m", "x", 1, cases[i].mode), &secret).code, cases[i].want);
        plat_secret_done(&secret);
    }
}

static void remedies_say(enum err_code code, const char *name, const char *part)
{
    char text[400];

    plat_secret_remedy(path_of(name), err_of(code, ""), text, sizeof text);
    if (!strstr(text, part))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void what_is_no_plain_file_is_refused_without_waiting(void **state)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    struct buf         secret;
    int                s = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    buf_init(&secret, SECRET_MAX_BYTES);
    assert_int_equal(plat_secret_read(path_of("nowhere"), &secret).code, ERR_NOT_FOUND);
    assert_int_equal(plat_secret_read(folder, &secret).code, ERR_MALFORMED);
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    assert_int_equal(plat_secret_read(path_of("pipe"), &secret).code, ERR_MALFORMED);
    assert_int_equal(plat_secret_read("/dev/zero", &secret).code, ERR_MALFORMED);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path_of("socket"));
    assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof at), 0);
    assert_true(failed(plat_secret_read(path_of("socket"), &secret)));
    close(s);
    make_file("real", "x", 1, 0600);
    assert_int_equal(symlink("real", path_of("link")), 0);
    assert_int_equal(plat_secret_read(path_of("link"), &secret).code, ERR_EXPOSED);
    remedies_say(ERR_EXPOSED, "link", "is a symbolic link");
    assert_int_equal(secret.len, 0);
    plat_secret_done(&secret);
}

static void too_much_is_no_secret(void **state)
{
    char      *bytes = malloc(SECRET_MAX_BYTES + 1);
    struct buf secret;

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', SECRET_MAX_BYTES + 1);
    buf_init(&secret, SECRET_MAX_BYTES);
    assert_int_equal(plat_secret_read(make_file("big", bytes, SECRET_MAX_BYTES + 1, 0600), &secret).code, ERR_TOO_BIG);
    assert_int_equal(secret.len, 0);
    assert_int_equal(plat_secret_read(make_file("big", bytes, SECRET_MAX_BYTES, 0600), &secret).code, ERR_OK);
    assert_int_equal(secret.len, SECRET_MAX_BYTES);
    plat_secret_done(&secret);
    free(bytes);
}

static void remedies_can_be_typed(void **state)
{
    (void)state;
    make_file("it's here", "x", 1, 0644);
    remedies_say(ERR_EXPOSED, "it's here", "chmod 600 '/tmp/");
    remedies_say(ERR_EXPOSED, "it's here", "it'\\''s here'");
    remedies_say(ERR_DENIED, "plain", "chown _picket /tmp/");
    remedies_say(ERR_NOT_FOUND, "plain", "there is no such file");
}

static void a_strangers_file_is_refused(void **state)
{
    struct buf secret;

    (void)state;
    if (geteuid() != 0)
        skip_because("needs root");
    buf_init(&secret, SECRET_MAX_BYTES);
    make_file("theirs", "x", 1, 0600);
    assert_int_equal(chown(path_of("theirs"), 12345, 12345), 0);
    assert_int_equal(plat_secret_read(path_of("theirs"), &secret).code, ERR_EXPOSED);
    remedies_say(ERR_EXPOSED, "theirs", "belongs to another account: chown _picket ");
    plat_secret_done(&secret);
}

static void another_account_is_tried_for_real(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_because("needs root");
    make_file("s2", "x", 1, 0600);
    assert_int_equal(plat_secret_try_as(path_of("s2"), "nobody").code, ERR_DENIED);
    assert_int_equal(chmod(path_of("s2"), 0644), 0);
    assert_int_equal(plat_secret_try_as(path_of("s2"), "nobody").code, ERR_DENIED); /* the folder is closed */
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(plat_secret_try_as(path_of("s2"), "nobody").code, ERR_OK);
    assert_int_equal(plat_secret_try_as(path_of("s2"), "no-such-account").code, ERR_NOT_FOUND);
    assert_int_equal(chmod(folder, 0700), 0);
}

static void a_file_is_read_whole_or_not_at_all(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 10);
    buf_add_text(&text, "ab");
    assert_false(failed(plat_file_read(make_file("f", "cde", 3, 0644), &text)));
    assert_string_equal(text.data, "abcde");
    assert_int_equal(plat_file_read(make_file("f", "123456", 6, 0644), &text).code, ERR_TOO_BIG);
    assert_string_equal(text.data, "abcde");
    assert_int_equal(plat_file_read(folder, &text).code, ERR_MALFORMED);
    assert_int_equal(plat_file_read(path_of("nowhere"), &text).code, ERR_NOT_FOUND);
    buf_done(&text);
}

static void whoever_can_change_a_file_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(plat_file_guarded(make_file("g", "x", 1, 0644), NULL).code, ERR_OK);
    assert_true(plat_file_is_public(path_of("g")));
    assert_int_equal(chmod(path_of("g"), 0664), 0);
    assert_int_equal(plat_file_guarded(path_of("g"), NULL).code, ERR_EXPOSED);
    assert_int_equal(chmod(path_of("g"), 0600), 0);
    assert_false(plat_file_is_public(path_of("g")));
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(plat_file_guarded(path_of("g"), NULL).code, ERR_EXPOSED);
    assert_int_equal(chmod(folder, 01777), 0); /* as /tmp */
    assert_int_equal(plat_file_guarded(path_of("g"), NULL).code, ERR_OK);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(plat_file_guarded(path_of("nowhere"), NULL).code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_what_stands_in_the_file_but_its_line_end),
        cmocka_unit_test(only_its_owner_may_touch_it),
        cmocka_unit_test(what_is_no_plain_file_is_refused_without_waiting),
        cmocka_unit_test(too_much_is_no_secret),
        cmocka_unit_test(remedies_can_be_typed),
        cmocka_unit_test(a_strangers_file_is_refused),
        cmocka_unit_test(another_account_is_tried_for_real),
        cmocka_unit_test(a_file_is_read_whole_or_not_at_all),
        cmocka_unit_test(whoever_can_change_a_file_is_noticed),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
