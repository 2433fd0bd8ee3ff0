#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"
#include "platform/linux/verdicts.h"
#include "platform/processes.h"

/* --- procfile --- */

static char path[] = "/tmp/picket-procfile-XXXXXX";

static void write_file(const char *name, size_t len)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    for (size_t i = 0; i < len; i++)
        fputc('a' + (int)(i % 26), file);
    fclose(file);
}

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void a_file_of_any_size_is_read_whole(void **state)
{
    static const size_t sizes[] = { 0, 1, 2047, 2048, 2049, 8191, 8192, 20000, 3 };

    (void)state;
    for (int rows = 0; rows < 2; rows++) {
        struct procfile file = { .path = path, .step = "reading", .max_bytes = 64 << 10, .rows = rows };

        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            const char *text;
            size_t      len;

            write_file(path, sizes[i]);
            assert_int_equal(procfile_read(&file, &text, &len).code, ERR_OK);
            assert_int_equal(len, sizes[i]);
            assert_int_equal(strlen(text), len);
            if (i % 2)
                procfile_drop(&file);
        }
        procfile_close(&file);
        assert_int_equal(procfile_descriptor(&file), -1);
    }
}

static void a_file_over_its_limit_is_too_big_and_can_shrink_again(void **state)
{
    struct procfile file = { .path = path, .step = "reading", .max_bytes = 8192 };
    const char     *text;
    size_t          len;

    (void)state;
    write_file(path, 10000);
    assert_int_equal(procfile_read(&file, &text, &len).code, ERR_TOO_BIG);
    write_file(path, 100);
    assert_int_equal(procfile_read(&file, &text, &len).code, ERR_OK);
    assert_int_equal(len, 100);
    procfile_close(&file);
}

static void a_file_that_is_not_there_is_unsupported(void **state)
{
    struct procfile file = { .path = "/proc/no-such-file", .step = "reading", .max_bytes = 8192 };
    const char     *text;
    size_t          len;

    (void)state;
    assert_int_equal(procfile_read(&file, &text, &len).code, ERR_UNSUPPORTED);
    assert_int_equal(procfile_descriptor(&file), -1);
    procfile_close(&file);
}

static void a_descriptor_that_no_longer_answers_is_opened_again(void **state)
{
    struct procfile file = { .path = "/proc/self/status", .step = "reading", .max_bytes = 64 << 10 };
    const char     *text;
    size_t          len;

    (void)state;
    assert_int_equal(procfile_read(&file, &text, &len).code, ERR_OK);
    assert_true(dup2(STDOUT_FILENO, procfile_descriptor(&file)) >= 0); /* a pipe or terminal: pread fails */
    assert_int_equal(procfile_read(&file, &text, &len).code, ERR_OK);
    assert_true(len > 100);
    procfile_close(&file);
}

/* --- scan --- */

static struct scan over(const char *text)
{
    return (struct scan){ text, strlen(text) };
}

static void fields_may_be_empty_and_words_may_not(void **state)
{
    struct scan line = over("a  b"), part;

    (void)state;
    assert_true(scan_field(&line, &part) && scan_is(part, "a"));
    assert_true(scan_field(&line, &part) && part.len == 0);
    assert_true(scan_field(&line, &part) && scan_is(part, "b"));
    assert_false(scan_field(&line, &part));
    assert_false(scan_word(&line, &part));
    line = over("a  \tb ");
    assert_true(scan_word(&line, &part) && scan_is(part, "a"));
    assert_true(scan_word(&line, &part) && scan_is(part, "b"));
    assert_false(scan_word(&line, &part));
}

static void numbers_fill_64_bits_and_no_more(void **state)
{
    struct scan line = over("18446744073709551615 18446744073709551616");
    uint64_t    number = 0;

    (void)state;
    assert_true(scan_u64(&line, &number) && number == UINT64_MAX);
    assert_false(scan_u64(&line, &number));
}

static void a_list_has_what_stands_between_its_commas(void **state)
{
    (void)state;
    assert_true(scan_lists(over("ro"), "ro"));
    assert_true(scan_lists(over("a,ro,b"), "ro"));
    assert_true(scan_lists(over("a,ro"), "ro"));
    assert_false(scan_lists(over("errors=remount-ro,rof"), "ro"));
    assert_false(scan_lists(over(""), "ro"));
}

static void a_copy_fits_or_is_not_made(void **state)
{
    char into[4] = "x";

    (void)state;
    assert_true(scan_copy(over("abc"), into, sizeof into));
    assert_string_equal(into, "abc");
    assert_false(scan_copy(over("abcd"), into, sizeof into));
    assert_false(scan_copy((struct scan){ "a\0b", 3 }, into, sizeof into));
    assert_string_equal(into, "abc");
}

/* --- verdicts --- */

static int asked;

static int ask(const char *name)
{
    asked++;
    return name[0] == 'y';
}

static void a_name_is_asked_once_until_it_was_missed(void **state)
{
    struct verdicts v = { 0 };

    (void)state;
    asked = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verdicts_get(&v, "yes", ask), 1);
        assert_int_equal(verdicts_get(&v, "no", ask), 0);
        verdicts_end(&v);
    }
    assert_int_equal(asked, 2);
    assert_int_equal(verdicts_get(&v, "no", ask), 0);
    verdicts_end(&v);
    assert_int_equal(verdicts_get(&v, "yes", ask), 1);
    assert_int_equal(asked, 3);
    verdicts_done(&v);
}

static void many_names_are_remembered_in_any_order(void **state)
{
    struct verdicts v = { 0 };
    char            name[16];

    (void)state;
    asked = 0;
    for (int reading = 0; reading < 2; reading++) {
        for (int i = 0; i < 500; i++) {
            snprintf(name, sizeof name, "y%d", reading ? 499 - i : i);
            assert_int_equal(verdicts_get(&v, name, ask), 1);
        }
        verdicts_end(&v);
    }
    assert_int_equal(asked, 500);
    verdicts_done(&v);
}

/* --- processes --- */

static void the_process_count_follows_the_machine(void **state)
{
    uint64_t first, second;

    (void)state;
    assert_int_equal(plat_processes_read(&first).code, ERR_OK);
    assert_int_equal(plat_processes_read(&second).code, ERR_OK);
    assert_true(first > 0 && second > 0);
    assert_true(second + 200 > first && first + 200 > second); /* both ways of counting, on a busy machine */
    plat_processes_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_any_size_is_read_whole),
        cmocka_unit_test(a_file_over_its_limit_is_too_big_and_can_shrink_again),
        cmocka_unit_test(a_file_that_is_not_there_is_unsupported),
        cmocka_unit_test(a_descriptor_that_no_longer_answers_is_opened_again),
        cmocka_unit_test(fields_may_be_empty_and_words_may_not),
        cmocka_unit_test(numbers_fill_64_bits_and_no_more),
        cmocka_unit_test(a_list_has_what_stands_between_its_commas),
        cmocka_unit_test(a_copy_fits_or_is_not_made),
        cmocka_unit_test(a_name_is_asked_once_until_it_was_missed),
        cmocka_unit_test(many_names_are_remembered_in_any_order),
        cmocka_unit_test(the_process_count_follows_the_machine),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
