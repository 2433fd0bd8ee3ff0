/* What the documents say about connectors is what the files say. */
#include "check.h"

#include "play.h"
#include "proto/connector/embedded.h"

static char *document(const char *name)
{
    char  path[400];
    char *text;

    snprintf(path, sizeof path, "%s/docs/%s", PICKET_SOURCE_DIR, name);
    text = play_file_read(path, NULL);
    if (!text)
        fail_msg("there is no %s", path);
    return text;
}

/* The row of the settings' table as the file would write it, without its last column. */
static void every_setting_stands_in_its_page_as_in_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < connector_file_count; i++) {
        struct connector *c = NULL;
        char              name[80], *page;

        assert_false(failed(connector_builtin(connector_files[i].name, NULL, &c)));
        snprintf(name, sizeof name, "psa/%s.md", connector_files[i].name);
        page = document(name);
        for (size_t n = 0; n < connector_setting_count(c); n++) {
            struct connector_setting s;
            const char              *quote;
            char                     row[800];

            connector_setting_get(c, n, &s);
            quote = s.default_value ? "`" : "";
            snprintf(row, sizeof row, "\n| `%s` | %s | %s | %s%s%s | %s", s.name, s.type, s.required ? "yes" : "",
                     quote, s.default_value ? s.default_value : "", quote, s.help);
            if (!strstr(page, row))
                fail_msg("%s lacks:%s", name, row);
        }
        free(page);
        connector_free(&c);
    }
}

static void every_connector_is_listed(void **state)
{
    static const char *const classes[] = {
        [DEDUPE_EXACT] = "exact", [DEDUPE_SEARCH] = "search", [DEDUPE_NONE] = "none"
    };
    char *list = document("connectors.md");

    (void)state;
    for (size_t i = 0; i < connector_file_count; i++) {
        struct connector *c = NULL;
        char              row[400];

        assert_false(failed(connector_builtin(connector_files[i].name, NULL, &c)));
        snprintf(row, sizeof row, "(../proto/connectors/%s.json) | %s | [psa/%s](psa/%s.md) |", connector_name(c),
                 classes[connector_dedupe(c)], connector_name(c), connector_name(c));
        if (!strstr(list, row))
            fail_msg("docs/connectors.md lacks: %s", row);
        connector_free(&c);
    }
    free(list);
}

static void the_example_of_a_file_is_a_good_one(void **state)
{
    char             *list = document("connectors.md");
    char             *begin = strstr(list, "```json\n{\n  \"$schema\""), *end = begin ? strstr(begin + 8, "```") : NULL;
    struct problems   problems = { .count = 0 };
    struct connector *c = NULL;

    (void)state;
    assert_non_null(end);
    if (failed(connector_parse(begin + 8, (size_t)(end - begin - 8), &problems, &c)))
        fail_msg("%s: %s", problems.items[0].path, problems.items[0].text);
    assert_string_equal(connector_name(c), "deskly");
    connector_free(&c);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_stands_in_its_page_as_in_the_file),
        cmocka_unit_test(every_connector_is_listed),
        cmocka_unit_test(the_example_of_a_file_is_a_good_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
