/* Secrets in the words of a server, which may repeat what it was sent and be cut off anywhere. */
#include "tests/unit/check.h"

#include "proto/connector/session.h"

static const struct {
    const char *text, *want;
} rows[] = {
    { "no such key", "no such key" },
    { "key s3cret-of-mine is wrong", "key *** is wrong" },
    { "s3cret-of-mines3cret-of-mine", "******" },
    { "cut off: s3cret-of-min", "cut off: ***" },
    { "cut off: s3cret", "cut off: ***" },
    { "too little to tell: s3cre", "too little to tell: s3cre" },
    { "", "" },
};

static void a_secret_is_blanked_out_whole_or_begun(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[80];

        snprintf(text, sizeof text, "%s", rows[i].text);
        secret_blank(text, "s3cret-of-mine");
        assert_string_equal(text, rows[i].want);
    }
}

static void what_is_too_short_for_a_secret_is_left(void **state)
{
    char text[] = "a day in May";

    (void)state;
    secret_blank(text, "");
    secret_blank(text, "a");
    assert_string_equal(text, "a day in May");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_blanked_out_whole_or_begun),
        cmocka_unit_test(what_is_too_short_for_a_secret_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
