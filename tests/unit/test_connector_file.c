/* Reading a connector file: each mistake is named with its place, and nothing with a mistake is used. */
#include "small_connector.h"

#include "proto/connector/embedded.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <malloc.h>
#define HEAP_IS_MEASURED 1
#endif

static void a_good_file_is_read(void **state)
{
    struct connector        *c = small_good(NULL, 0);
    struct connector_setting s;

    (void)state;
    assert_string_equal(connector_name(c), "small");
    assert_string_equal(connector_title(c), "Small");
    assert_int_equal(connector_dedupe(c), DEDUPE_EXACT);
    assert_int_equal(connector_setting_count(c), 5);
    connector_setting_get(c, 1, &s);
    assert_true(s.secret && !s.required && !s.default_value);
    connector_setting_get(c, 4, &s);
    assert_string_equal(s.name, "level_critical");
    assert_string_equal(s.default_value, "high");
    connector_free(&c);
    assert_null(c);
    connector_free(&c);
}

static void every_connector_in_the_program_is_good(void **state)
{
    (void)state;
    assert_true(connector_file_count >= 5);
    for (size_t i = 0; i < connector_file_count; i++) {
        struct problems   problems = { .count = 0 };
        struct connector *c = NULL;

        if (failed(connector_builtin(connector_files[i].name, &problems, &c)))
            fail_msg("%s: %s: %s", connector_files[i].name, problems.items[0].path, problems.items[0].text);
        assert_string_equal(connector_name(c), connector_files[i].name);
        for (size_t n = 0; n < connector_setting_count(c); n++) {
            struct connector_setting s;

            connector_setting_get(c, n, &s);
            assert_true(s.help && s.help[0]);
        }
        connector_free(&c);
    }
}

static void an_unknown_name_is_not_found(void **state)
{
    struct problems   problems = { .count = 0 };
    struct connector *c = NULL;

    (void)state;
    assert_int_equal(connector_builtin("nobody", &problems, &c).code, ERR_NOT_FOUND);
    assert_int_equal(problems.count, 1);
    assert_null(c);
}

// clang-format off
static const struct {
    const char         *name;
    struct small_change changes[2];
    const char         *path, *text; /* of one of the problems */
} mistakes[] = {
    { "a name that is not one",       {{ "/name", "\"Big Name\"" }},                             "name", "is not a name" },
    { "no name",                      {{ "/name", NULL }},                                        "", "\"name\" is missing" },
    { "an unknown member",            {{ "/colour", "1" }},                                       "", "\"colour\" is not known here" },
    { "another version",              {{ "/version", "2" }},                                      "version", "from 1 to 1" },
    { "another role",                 {{ "/role", "\"device\"" }},                                "role", "one of: ticket" },
    { "an unknown type",              {{ "/settings/url/type", "\"uri\"" }},                      "settings.url.type", "one of: text, secret" },
    { "no help",                      {{ "/settings/url/help", NULL }},                           "settings.url", "\"help\" is missing" },
    { "required with a default",      {{ "/settings/board/required", "true" }},                   "settings.board", "required and has a default" },
    { "a choice of nothing",          {{ "/settings/level/choices", NULL }},                      "settings.level", "\"choices\" is missing" },
    { "defaults without severities",  {{ "/settings/level/per", NULL }},                          "settings.level.default", "not \"per\": \"severity\"" },
    { "a setting's odd name",         {{ "/settings/A b", "{\"type\": \"text\", \"help\": \"x\"}" }}, "settings.A b", "is not a name" },
    { "an unknown value",             {{ "/base", "\"{settings.uri}/api\"" }},                    "base", "no value \"settings.uri\"" },
    { "a value without scope",        {{ "/base", "\"{url}/api\"" }},                             "base", "no value \"url\"" },
    { "a value that is not there yet", {{ "/base", "\"{facts.title}/api\"" }},                    "base", "has no value here" },
    { "a brace left open",            {{ "/base", "\"{settings.url\"" }},                         "base", "no \"}\" follows" },
    { "a base without https",         {{ "/base", "\"http://x/api\"" }},                          "base", "begins with https://" },
    { "an unknown filter",            {{ "/base", "\"{settings.url|shout}\"" }},                  "base", "no filter \"shout\"" },
    { "a filter without its number",  {{ "/ticket/note/request/body", "{\"t\": \"{facts.note|cut}\"}" }}, "ticket.note.request.body.t", "takes an argument" },
    { "a filter with a wrong number", {{ "/ticket/note/request/body", "{\"t\": \"{facts.note|cut:x}\"}" }}, "ticket.note.request.body.t", "number above 0" },
    { "path and url at once",         {{ "/ticket/find/request/url", "\"https://x/y\"" }},        "ticket.find.request", "either \"path\" or \"url\"" },
    { "a path with a question mark",  {{ "/ticket/find/request/path", "\"/tickets?x=1\"" }},      "ticket.find.request.path", "\"query\" is for the rest" },
    { "a path that is none",          {{ "/ticket/find/request/path", "\"tickets\"" }},           "ticket.find.request.path", "begins with /" },
    { "body and form at once",        {{ "/ticket/note/request/form", "{\"a\": \"b\"}" }},        "ticket.note.request", "both \"body\" and \"form\"" },
    { "an odd method",                {{ "/ticket/note/request/method", "\"TRACE\"" }},           "ticket.note.request.method", "one of: GET" },
    { "a header of ours",             {{ "/headers", "{\"Host\": \"x\"}" }},                      "headers", "\"Host\" is not a header" },
    { "a header with a line break",   {{ "/headers", "{\"X-A\": \"a\\r\\nB: c\"}" }},             "headers.X-A", "control character" },
    { "a query without a language",   {{ "/ticket/find/request/query", "{\"q\": \"ref = {facts.ref}\"}" }}, "ticket.find.request.query.q", "whose language is not declared" },
    { "a query in a body",            {{ "/ticket/note/request/body", "{\"sql\": \"x = '{facts.ref}'\"}" }}, "ticket.note.request.body.sql", "whose language is not declared" },
    { "a comparison in a body",       {{ "/ticket/note/request/body", "{\"sql\": \"select x where a = {facts.ref}\"}" }}, "ticket.note.request.body.sql", "whose language is not declared" },
    { "markup without a language",    {{ "/ticket/note/request/body", "{\"html\": \"<p>{facts.ref}</p>\"}" }}, "ticket.note.request.body.html", "whose language is not declared" },
    { "a language that is not there", {{ "/ticket/note/request/body", "{\"a\": {\"$text\": \"x\", \"language\": \"klingon\"}}" }}, "ticket.note.request.body.a.language", "no language \"klingon\"" },
    { "a quote that is not escaped",  {{ "/languages/sql/escape", "{\"x\": \"y\"}" }},            "languages.sql", "''' is neither in" },
    { "a backslash that is not",      {{ "/languages/sql/escape", "{\"'\": \"\\\\'\"}" }},        "languages.sql", "'\\' itself" },
    { "markup that lets tags through", {{ "/languages/sql/quote", "\"\"" }},                      "languages.sql", "'<' is neither in" },
    { "an unknown special",           {{ "/ticket/note/request/body", "{\"a\": {\"b\": {\"$wat\": 1}}}" }}, "ticket.note.request.body.a.b.$wat", "known are $text" },
    { "a bad pointer",                {{ "/ticket/find/list", "\"items\"" }},                     "ticket.find.list", "is not a JSON pointer" },
    { "an escape that is none",       {{ "/ticket/find/list", "\"/a~2\"" }},                      "ticket.find.list", "is not a JSON pointer" },
    { "an unknown test",              {{ "/ticket/get/closed", "{\"/a\": {\"likes\": 1}}" }},     "ticket.get.closed./a", "expected one of" },
    { "a test of nothing",            {{ "/ticket/get/closed", "{}" }},                           "ticket.get.closed", "1 to 16 tests" },
    { "a test of an object",          {{ "/ticket/get/closed", "{\"/a\": {\"is\": {}}}" }},       "ticket.get.closed./a", "expected a text, a number" },
    { "a write that is only believed", {{ "/ticket/note/expect", NULL }},                         "ticket.note", "not believed for its status" },
    { "trust without a reason",       {{ "/ticket/note/trust_status", "\"so\"" }},                "ticket.note.trust_status", "say why" },
    { "a find that compares nothing", {{ "/ticket/find/match", NULL }},                           "ticket.find", "\"match\" is missing" },
    { "a find without a number",      {{ "/ticket/find/values", NULL }},                          "ticket.find", "must have \"id\"" },
    { "a get that knows no end",      {{ "/ticket/get/closed", NULL }},                           "ticket.get", "\"closed\" is missing" },
    { "a close without a get",        {{ "/ticket/get", NULL }},                                  "ticket", "\"close\" needs \"get\"" },
    { "no note",                      {{ "/ticket/note", NULL }},                                 "ticket", "\"note\" is missing" },
    { "an event beside a create",     {{ "/ticket/event", "{\"request\": {\"path\": \"/e\"}, \"trust_status\": \"nothing to see\"}" }}, "ticket", "dedupe \"none\" has \"event\"" },
    { "dedupe none without an event", {{ "/ticket/dedupe", "\"none\"" }},                         "ticket", "dedupe \"none\" has \"event\"" },
    { "a note after, where none fits", {{ "/ticket/close/note", "\"after\"" }, { "/ticket/note/on_closed", "false" }}, "ticket", "not \"on_closed\"" },
    { "an auth without its token",    {{ "/auth", "{\"kind\": \"bearer\"}" }},                    "auth", "\"token\" is missing for \"kind\": \"bearer\"" },
    { "an unknown auth",              {{ "/auth", "{\"kind\": \"magic\"}" }},                     "auth.kind", "one of: none, basic" },
    { "a grant that is another",      {{ "/auth", "{\"kind\": \"oauth2_password\", \"login\": {\"request\": {\"url\": \"https://x/t\", \"method\": \"POST\", \"form\": {\"grant_type\": \"client_credentials\"}}}}" }}, "auth", "\"grant_type\": \"password\"" },
    { "a pick that looks for nothing", {{ "/picks/board/by", NULL }},                             "picks.board", "needs \"by\"" },
    { "a pick that compares nothing", {{ "/picks/board/ask/match", NULL }},                       "picks.board", "\"ask\" needs \"match\"" },
    { "a pick of itself",             {{ "/picks/board/ask/request/path", "\"/x/{picks.board}\"" }}, "picks.board.ask.request.path", "only known further down" },
    { "a rule without a meaning",     {{ "/errors", "[{\"status\": 404}]" }},                     "errors[0]", "\"means\" is missing" },
    { "a rule of an odd status",      {{ "/errors", "[{\"status\": \"6xx\", \"means\": \"ok\"}]" }}, "errors[0].status", "a status like 404" },
    { "an odd meaning",               {{ "/errors", "[{\"status\": 404, \"means\": \"whatever\"}]" }}, "errors[0].means", "one of: ok" },
    { "limits that are none",         {{ "/limits", "{\"per_minute\": 0}" }},                     "limits.per_minute", "from 1 to" },
    { "a cursor from nowhere",        {{ "/ticket/find/paging", "{\"kind\": \"cursor\"}" }},      "ticket.find.paging", "\"next\" says where" },
    { "discovery without an address", {{ "/discovery", "{\"ask\": {\"request\": {\"path\": \"/x\"}}, \"keep\": {\"a\": {\"from\": \"/a\"}}}" }}, "discovery.ask", "whole \"url\"" },
    { "kept from nowhere",            {{ "/discovery", "{\"ask\": {\"request\": {\"url\": \"https://x/y\"}}, \"keep\": {\"a\": {}}}" }}, "discovery.keep.a", "either \"from\" or \"choose\"" },
    { "settings of a problem",        {{ "/ticket/find/settings", "\"nope\"" }},                  "ticket.find.settings", "no setting \"nope\"" },
    { "a test that writes",           {{ "/test", "[{\"request\": {\"method\": \"POST\", \"path\": \"/x\"}}]" }}, "test[0]", "changes nothing" },
    { "a raw value of ours",          {{ "/ticket/note/request/body", "{\"a\": {\"$raw\": \"{facts.note}\"}}" }}, "ticket.note.request.body.a.$raw", "expected one value of found" },
    { "words that are not",           {{ "/notes", "[1]" }},                                      "notes", "expected a text" },
};
// clang-format on

static bool has_problem(const struct problems *problems, const char *path, const char *text)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strcmp(problems->items[i].path, path) == 0 && strstr(problems->items[i].text, text))
            return true;
    return false;
}

static void each_mistake_is_named_with_its_place(void **state)
{
    size_t failures = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct problems   problems = { .count = 0 };
        struct connector *c = NULL;
        struct err        e = small_parse(mistakes[i].changes, ARRAY_LEN(mistakes[i].changes), &problems, &c);

        if (e.code == ERR_MALFORMED && !c && has_problem(&problems, mistakes[i].path, mistakes[i].text))
            continue;
        failures++;
        print_error("%s: expected %s: %s\n", mistakes[i].name, mistakes[i].path, mistakes[i].text);
        for (size_t n = 0; n < problems.count; n++)
            print_error("    got %s: %s\n", problems.items[n].path, problems.items[n].text);
        connector_free(&c);
    }
    assert_int_equal(failures, 0);
}

static void all_mistakes_are_told_at_once(void **state)
{
    static const struct small_change changes[] = { { "/base", "\"x\"" },
                                                   { "/role", "1" },
                                                   { "/ticket/note/expect", NULL } };
    struct problems                  problems = { .count = 0 };
    struct connector                *c = NULL;

    (void)state;
    assert_true(failed(small_parse(changes, ARRAY_LEN(changes), &problems, &c)));
    assert_int_equal(problems.count, 3);
}

static void a_text_that_is_not_json_is_malformed(void **state)
{
    static const char *const texts[] = { "", "{", "[]", "null", "{\"name\": \"a\", \"name\": \"b\"}", "\"x\"" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct problems   problems = { .count = 0 };
        struct connector *c = NULL;

        assert_true(failed(connector_parse(texts[i], strlen(texts[i]), &problems, &c)));
        assert_true(problems.count > 0);
        assert_null(c);
    }
}

static void a_read_connector_is_small(void **state)
{
    (void)state;
#if defined(HEAP_IS_MEASURED)
    for (size_t i = 0; i < connector_file_count; i++) {
        struct connector *c = NULL;
        size_t            before = mallinfo2().uordblks;

        assert_false(failed(connector_builtin(connector_files[i].name, NULL, &c)));
        assert_in_range(mallinfo2().uordblks - before, 1, 100 * 1024);
        print_message("%s: %zu bytes\n", connector_files[i].name, mallinfo2().uordblks - before);
        connector_free(&c);
    }
#else
    skip_because("this malloc tells nobody what it holds: a memory checker has its own, and musl keeps no count");
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_is_read),           cmocka_unit_test(every_connector_in_the_program_is_good),
        cmocka_unit_test(an_unknown_name_is_not_found),  cmocka_unit_test(each_mistake_is_named_with_its_place),
        cmocka_unit_test(all_mistakes_are_told_at_once), cmocka_unit_test(a_text_that_is_not_json_is_malformed),
        cmocka_unit_test(a_read_connector_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
