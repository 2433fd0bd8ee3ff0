#include "tests/unit/check.h"

#include "platform/buf.h"
#include "proto/json_put.h"
#include "proto/nearest.h"
#include "proto/text.h"

static void globs_match_as_people_expect(void **state)
{
    static const struct {
        const char *text, *glob;
        bool        like;
    } cases[] = {
        { "", "", true },          { "", "*", true },          { "", "?", false },
        { "a", "", false },        { "/srv", "/srv*", true },  { "/srv/a", "/srv*", true },
        { "/sr", "/srv*", false }, { "/srv", "*", true },      { "abc", "a?c", true },
        { "ac", "a?c", false },    { "abcabc", "*abc", true }, { "abcab", "*abc", false },
        { "aXbXc", "a*b*c", true }, { "aXbX", "a*b*c", false }, { "abc", "***", true },
        { "abc", "abc*", true },   { "abc", "ab", false },     { "gr\xc3\xbcn", "gr?n", true },
        { "\xc3\xbc", "??", false }, { "a*b", "a*b", true },   { "xay", "*a?", true },
    };
    char long_text[4001];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (text_like(cases[i].text, cases[i].glob) != cases[i].like)
            fail_msg("\"%s\" like \"%s\"", cases[i].text, cases[i].glob);
    memset(long_text, 'a', sizeof long_text - 1); /* where a recursive matcher would never end */
    long_text[4000] = '\0';
    assert_false(text_like(long_text, "*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}

static void controls_become_blanks(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "plain", "plain" },
        { "a\tb\nc\x1b[1m\x7f", "a b c [1m " },
        { "\xc2\x9b" "31m", "  31m" },
        { "\xc2\xa0", "\xc2\xa0" },
        { "\xe2\x80\xae" "evil", "   evil" },
        { "\xe2\x80\xa6", "\xe2\x80\xa6" },
        { "\xe2\x81\xa6", "   " },
        { "\xe2\x80\xa8", "   " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[32];

        snprintf(text, sizeof text, "%s", cases[i].text);
        assert_int_equal(text_has_controls(text, ""), strcmp(cases[i].text, cases[i].want) != 0);
        text_blank_controls(text);
        assert_string_equal(text, cases[i].want);
    }
    assert_false(text_has_controls("a\nb", "\n"));
}

static void the_nearest_name_is_one_that_may_have_been_meant(void **state)
{
    static const char *const names[] = { "title", "facts", "enabled", "where", "url" };
    static const struct {
        const char *typed, *found;
    } cases[] = {
        { "titel", "title" }, { "fact", "facts" },  { "enable", "enabled" }, { "WHERE", NULL },
        { "psa", NULL },      { "ur", "url" },      { "", NULL },            { "wheer", "where" },
        { "a-very-long-name-that-is-longer-than-any-name-has-ever-been-in-this-place", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct nearest best = nearest_begin(cases[i].typed, strlen(cases[i].typed));

        for (size_t n = 0; n < ARRAY_LEN(names); n++)
            nearest_offer(&best, names[n]);
        if (!cases[i].found)
            assert_null(best.found);
        else
            assert_string_equal(best.found, cases[i].found);
    }
}

static void json_is_put_as_it_must_be(void **state)
{
    struct json_put j;
    struct buf      text;

    (void)state;
    buf_init(&text, 4096);
    json_put_begin(&j, &text, false);
    json_put_object(&j, NULL);
    json_put_text(&j, "t", "a\"\\\n\x01\x7f\xc3\xbc\xff");
    json_put_text(&j, "n", NULL);
    json_put_array(&j, "l");
    json_put_number(&j, NULL, 0.1);
    json_put_number(&j, NULL, 1e300 * 1e10);
    json_put_whole(&j, NULL, INT64_MIN);
    json_put_flag(&j, NULL, true);
    json_put_object(&j, NULL);
    json_put_end(&j);
    json_put_end(&j);
    json_put_number(&j, "third", 1.0 / 3);
    json_put_end(&j);
    assert_false(failed(json_put_done(&j)));
    assert_string_equal(text.data, "{\"t\":\"a\\\"\\\\\\n\\u0001\\u007f\xc3\xbc\xef\xbf\xbd\",\"n\":null,"
                                   "\"l\":[0.1,null,-9223372036854775808,true,{}],\"third\":0.3333333333333333}");
    buf_done(&text);
}

static void json_that_does_not_fit_says_so(void **state)
{
    struct json_put j;
    struct buf      text;

    (void)state;
    buf_init(&text, 10);
    json_put_begin(&j, &text, true);
    json_put_array(&j, NULL);
    json_put_text(&j, NULL, "longer than that");
    json_put_whole(&j, NULL, 1);
    json_put_end(&j);
    assert_int_equal(json_put_done(&j).code, ERR_TOO_BIG);
    buf_done(&text);
}

static void a_text_is_cut_at_each_separator(void **state)
{
    static const struct {
        const char *text, *parts[4];
    } cases[] = {
        { "a\tb\tc", { "a", "b", "c" } }, { "a\t\tc", { "a", "", "c" } }, { "\t", { "", "" } },
        { "", { "" } },                   { "alone", { "alone" } },        { "a\t", { "a", "" } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[32], *rest = text;

        snprintf(text, sizeof text, "%s", cases[i].text);
        for (size_t n = 0; cases[i].parts[n]; n++)
            assert_string_equal(text_field(&rest, '\t'), cases[i].parts[n]);
        assert_null(rest);
        assert_null(text_field(&rest, '\t'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs_match_as_people_expect),
        cmocka_unit_test(controls_become_blanks),
        cmocka_unit_test(a_text_is_cut_at_each_separator),
        cmocka_unit_test(the_nearest_name_is_one_that_may_have_been_meant),
        cmocka_unit_test(json_is_put_as_it_must_be),
        cmocka_unit_test(json_that_does_not_fit_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
