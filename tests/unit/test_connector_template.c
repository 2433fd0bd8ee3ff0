/* Templates with their filters, pointers into answers, and conditions on them. */
#include "small_connector.h"

#include "play.h"
#include "proto/connector/answer.h"
#include "proto/connector/civil.h"
#include "proto/connector/pointer.h"
#include "proto/connector/request.h"
#include "proto/connector/template.h"

/* ---- templates: rendered as the body of a note ---- */

static void render(const char *body, const struct ticket_facts *facts, struct buf *into, char trouble[ENV_TROUBLE_MAX])
{
    const struct small_change    changes[] = { { "/ticket/note/request/body", body } };
    const struct session_setting settings[] = { { "url", "https://x.example" } };
    const char                  *values[SETTINGS_LIMIT] = { "https://x.example", "", "Alerts", "low", "high" };
    struct connector            *c = small_good(changes, 1);
    struct session              *session = NULL;
    struct built                 b;
    struct env                   env = { .c = c,
                                         .settings = values,
                                         .facts = facts,
                                         .severity = facts->severity,
                                         .ticket_id = "7",
                                         .wall_ms = 1767607920000,
                                         .wall_known = true };

    assert_false(failed(session_new(c, settings, 1, NULL, &session)));
    built_init(&b);
    buf_clear(into);
    if (failed(request_build(&c->ops[OP_NOTE].request, NULL, &env, &b)))
        snprintf(trouble, ENV_TROUBLE_MAX, "%s", env.trouble);
    else
        buf_add_text(into, buf_text(&b.body));
    built_done(&b);
    session_free(&session);
    connector_free(&c);
}

// clang-format off
static const struct {
    const char *name, *body, *want; /* want NULL: refused with trouble */
    const char *trouble;
} templates[] = {
    { "plain",              "{\"a\": \"{facts.rule}\"}",                          "{\"a\":\"disk-full\"}", NULL },
    { "mixed",              "{\"a\": \"{facts.rule}: {facts.value}!\"}",          "{\"a\":\"disk-full: 96 %!\"}", NULL },
    { "braces",             "{\"a\": \"{{x}} {{{facts.rule}}}\"}",                "{\"a\":\"{x} {disk-full}\"}", NULL },
    { "empty is left out",  "{\"a\": \"{facts.cleared_at}\", \"b\": 1}",          "{\"b\":1}", NULL },
    { "empty trees too",    "{\"a\": {\"b\": {\"c\": \"{facts.cleared_at}\"}}, \"d\": [\"{facts.cleared_at}\"]}", "", NULL },
    { "fixed text stays",   "{\"a\": \"\", \"b\": {}, \"c\": []}",                "{\"a\":\"\",\"b\":{},\"c\":[]}", NULL },
    { "literals",           "{\"a\": [1, 2.5, true, null, \"x\"]}",               "{\"a\":[1,2.5,true,null,\"x\"]}", NULL },
    { "cut at a border",    "{\"a\": \"{facts.site|cut:5}\"}",                    "{\"a\":\"M\xc3\xbcnc\"}", NULL },
    { "cut within one",     "{\"a\": \"{facts.site|cut:2}\"}",                    "{\"a\":\"M\"}", NULL },
    { "cut of the whole",   "{\"a\": {\"$text\": \"{facts.rule} {facts.rule}\", \"cut\": 12}}", "{\"a\":\"disk-full di\"}", NULL },
    { "one line",           "{\"a\": \"{facts.text|oneline}\"}",                  "{\"a\":\"two lines\"}", NULL },
    { "lower and upper",    "{\"a\": \"{facts.client|lower} {facts.rule|upper}\"}", "{\"a\":\"acme DISK-FULL\"}", NULL },
    { "or",                 "{\"a\": \"{facts.cleared_at|or:facts.rule}\"}",      "{\"a\":\"disk-full\"}", NULL },
    { "or not",             "{\"a\": \"{facts.client|or:facts.rule}\"}",          "{\"a\":\"ACME\"}", NULL },
    { "default",            "{\"a\": \"{facts.cleared_at|default:never}\"}",      "{\"a\":\"never\"}", NULL },
    { "map",                "{\"a\": \"{facts.severity|map:critical=P1,warning=P3}\"}", "{\"a\":\"P3\"}", NULL },
    { "map of something else", "{\"a\": \"{facts.rule|map:critical=P1}\"}",       "{\"a\":\"disk-full\"}", NULL },
    { "later",              "{\"a\": \"{facts.raised_at|plus_hours:15}\"}",       "{\"a\":\"2026-01-06T01:12:00Z\"}", NULL },
    { "later than no time", "{\"a\": \"{facts.rule|plus_hours:15}\"}",            NULL, "facts.rule is not a time" },
    { "now",                "{\"a\": \"{now.rfc3339}\", \"b\": {\"$integer\": \"{now.epoch_s}\"}}", "{\"a\":\"2026-01-05T10:12:00Z\",\"b\":1767607920}", NULL },
    { "a chain",            "{\"a\": \"{facts.cleared_at|or:facts.client|lower|cut:2}\"}", "{\"a\":\"ac\"}", NULL },
    { "a number",           "{\"a\": {\"$integer\": \"{facts.revision}\"}}",      "{\"a\":1}", NULL },
    { "no number",          "{\"a\": {\"$integer\": \"{facts.rule}\"}}",          NULL, "expected a number" },
    { "no whole number",    "{\"a\": {\"$integer\": \"1.5\"}}",                   NULL, "expected a whole number" },
    { "a fraction",         "{\"a\": {\"$number\": \"1.5\"}}",                    "{\"a\":1.5}", NULL },
    { "no number at all",   "{\"a\": {\"$number\": \"1,5\"}}",                    NULL, "expected a number" },
    { "truth",              "{\"a\": {\"$boolean\": \"{facts.cleared}\"}}",       "{\"a\":false}", NULL },
    { "no truth",           "{\"a\": {\"$boolean\": \"maybe\"}}",                 NULL, "expected true or false" },
    { "JSON in a text",     "{\"a\": {\"$json\": {\"b\": \"{facts.rule}\"}}}",    "{\"a\":\"{\\\"b\\\":\\\"disk-full\\\"}\"}", NULL },
    { "if",                 "{\"a\": {\"$when\": {\"facts.severity\": \"warning\"}, \"then\": 1, \"else\": 2}}", "{\"a\":1}", NULL },
    { "if not",             "{\"a\": {\"$when\": {\"facts.severity\": \"critical\"}, \"then\": 1, \"else\": 2}}", "{\"a\":2}", NULL },
    { "if not, nothing",    "{\"a\": {\"$when\": {\"facts.severity\": \"critical\"}, \"then\": 1}, \"b\": 2}", "{\"b\":2}", NULL },
    { "by severity",        "{\"a\": \"{settings.level}\"}",                      "{\"a\":\"low\"}", NULL },
    { "a name of a value",  "{\"{facts.rule}\": 1}",                              "{\"disk-full\":1}", NULL },
    { "an array of objects", "[{\"a\": \"{facts.rule}\"}, {\"b\": \"{facts.cleared_at}\"}]", "[{\"a\":\"disk-full\"}]", NULL },
    { "a query in a body",  "{\"where\": \"a = {facts.note}\"}",                  "{\"where\":\"a = 'it''s'\"}", NULL },
    { "words that quote",   "{\"a\": {\"$text\": \"said: '{facts.rule}'\", \"language\": \"words\"}}", "{\"a\":\"said: 'disk-full'\"}", NULL },
};
// clang-format on

static void templates_give_what_they_say(void **state)
{
    struct ticket_facts facts;
    struct buf          into;

    (void)state;
    buf_init(&into, 10000);
    play_facts(NULL, &facts);
    facts.site = "M\xc3\xbcnchen";
    facts.text = "two\r\n\n  lines \n";
    facts.note = "it's";
    for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
        char trouble[ENV_TROUBLE_MAX] = "";

        render(templates[i].body, &facts, &into, trouble);
        if (templates[i].want ? strcmp(buf_text(&into), templates[i].want) != 0 || trouble[0]
                              : !strstr(trouble, templates[i].trouble))
            fail_msg("%s: %s %s", templates[i].name, buf_text(&into), trouble);
    }
    buf_done(&into);
}

/* ---- pointers ---- */

static const char document[] = "{\"a\": {\"b/c\": 1, \"d~e\": 2, \"\": 3}, \"list\": [{\"n\": \"x\", \"v\": 10}, "
                               "{\"n\": \"y\", \"v\": 20}, {\"v\": 30}],"
                               " \"deep\": [[1, 2], [3]], \"nul\": null, \"yes\": true, \"big\": 12345678901234, "
                               "\"half\": 0.5, \"empty\": \"\", \"none\": []}";

static void pointers_lead_to_the_place_they_name(void **state)
{
    static const struct {
        const char *pointer, *want; /* NULL: nothing there */
    } rows[] = {
        { "/a/b~1c", "1" },
        { "/a/d~0e", "2" },
        { "/a/", "3" },
        { "/list/1/n", "y" },
        { "/list/*/n", "x" },
        { "/list/3/n", NULL },
        { "/list/-1/n", NULL },
        { "/list/x/n", NULL },
        { "/list/[n=y]/v", "20" },
        { "/list/[n=z]/v", NULL },
        { "/list/[v=30]/v", "30" },
        { "/deep/*/*", "1" },
        { "/deep/1/0", "3" },
        { "/yes", "true" },
        { "/big", "12345678901234" },
        { "/half", "0.5" },
        { "/empty", "" },
        { "/nope", NULL },
        { "/a/b~1c/x", NULL },
        { "/list/99999999999999999999", NULL },
        { "/list/[n]", NULL },
    };
    cJSON *tree = cJSON_Parse(document);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char         scratch[SCALAR_TEXT_MAX];
        const cJSON *at = pointer_get(tree, rows[i].pointer);
        const char  *text = at ? scalar_text(at, scratch) : NULL;

        if ((text == NULL) != (rows[i].want == NULL) || (text && strcmp(text, rows[i].want) != 0))
            fail_msg("%s: %s", rows[i].pointer, text ? text : "(nothing)");
    }
    assert_ptr_equal(pointer_get(tree, ""), tree);
    assert_null(pointer_get(NULL, ""));
    cJSON_Delete(tree);
    assert_true(pointer_ok("") && pointer_ok("/") && pointer_ok("/a~0~1"));
    assert_false(pointer_ok("a") || pointer_ok("/~") || pointer_ok("/~2"));
}

/* ---- conditions: tried as what closes a ticket ---- */

static bool holds(const char *condition, const char *text)
{
    const struct small_change changes[] = { { "/ticket/get/closed", condition } };
    const char *const         headers[] = { "x-state", "Done", NULL };
    const char               *values[SETTINGS_LIMIT] = { "https://x.example", "", "Alerts", "low", "high" };
    struct connector         *c = small_good(changes, 1);
    cJSON                    *tree = cJSON_Parse(text);
    struct answer answer = { .tree = tree, .status = 200, .body = text, .body_len = strlen(text), .headers = headers };
    struct env    env = { .c = c, .settings = values };
    bool          result = condition_holds(c->ops[OP_GET].closed, &answer, tree, &env);

    cJSON_Delete(tree);
    connector_free(&c);
    return result;
}

static void conditions_hold_where_they_should(void **state)
{
    static const struct {
        const char *condition;
        bool        want;
    } rows[] = {
        { "{\"/yes\": true}", true },
        { "{\"/yes\": false}", false },
        { "{\"/big\": 12345678901234}", true },
        { "{\"/big\": \"12345678901234\"}", true }, /* numbers come as texts from some */
        { "{\"/list/0/n\": \"x\", \"/list/0/v\": 10}", true },
        { "{\"/list/0/n\": \"x\", \"/list/0/v\": 11}", false },
        { "[{\"/list/0/v\": 11}, {\"/yes\": true}]", true },
        { "[{\"/list/0/v\": 11}, {\"/yes\": false}]", false },
        { "{\"/list/0/n\": [\"a\", \"x\"]}", true },
        { "{\"/list/0/n\": \"X\"}", false },
        { "{\"/list/0/n\": {\"same\": \"X\"}}", true },
        { "{\"/list/0/n\": {\"not\": \"y\"}}", true },
        { "{\"/list/0/n\": {\"not\": [\"y\", \"x\"]}}", false },
        { "{\"/nope\": {\"not\": \"y\"}}", true },
        { "{\"/nope\": \"y\"}", false },
        { "{\"/nope\": null}", true },
        { "{\"/nul\": null}", true },
        { "{\"/empty\": null}", true },
        { "{\"/none\": {\"exists\": false}}", true },
        { "{\"/list\": {\"exists\": true}}", true },
        { "{\"/half\": {\"exists\": true}}", true },
        { "{\"/list/*/v\": {\"above\": 29}}", true },
        { "{\"/list/*/v\": {\"above\": 30}}", false },
        { "{\"/list/*/n\": \"y\"}", true },
        { "{\"/list/*/n\": {\"contains\": \"Y\"}}", true },
        { "{\"text\": {\"contains\": \"B/C\"}}", true },
        { "{\"text\": {\"contains_all\": [\"deep\", \"half\"]}}", true },
        { "{\"text\": {\"contains_all\": [\"deep\", \"quarter\"]}}", false },
        { "{\"text\": {\"contains\": \"\"}}", false },
        { "{\"status\": 200}", true },
        { "{\"status\": [201, 204]}", false },
        { "{\"header.X-State\": \"Done\"}", true },
        { "{\"header.x-other\": {\"exists\": true}}", false },
        { "{\"settings.board\": \"Alerts\"}", true },
        { "{\"settings.key\": {\"exists\": false}}", true },
        { "{\"/empty\": \"{settings.key}\"}", false }, /* a value of ours that is empty equals nothing */
        { "{\"/empty\": \"\"}", true },
        { "{\"/list/0/n\": {\"not\": \"{settings.key}\"}}", true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (holds(rows[i].condition, document) != rows[i].want)
            fail_msg("%s", rows[i].condition);
    assert_false(holds("{\"/yes\": true}", "<html>"));
    assert_true(holds("{\"text\": {\"contains\": \"HTML\"}}", "<html>"));
}

/* ---- times ---- */

static void times_are_read_and_written_alike(void **state)
{
    static const struct {
        const char *text;
        int64_t     ms;
    } good[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-01-05T10:12:00Z", 1767607920000 },
        { "2024-02-29T23:59:59Z", 1709251199000 },
        { "2100-03-01T00:00:00Z", 4107542400000 },
        { "9999-12-31T23:59:59Z", 253402300799000 },
    };
    static const char *const bad[] = { "",
                                       "2026-01-05",
                                       "2026-13-05T10:12:00Z",
                                       "2026-01-05T25:12:00Z",
                                       "2026-01-05T10:12:00",
                                       "2026-01-05T10:12:00+01:00",
                                       "2026-01-05 10:12:00Z",
                                       "26-1-5T1:1:1Z",
                                       "x" };
    int64_t                  ms;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char text[RFC3339_MAX];

        assert_true(rfc3339_parse(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
        rfc3339_print(ms, text);
        assert_string_equal(text, good[i].text);
    }
    assert_true(rfc3339_parse("2026-01-05T10:12:00.123456Z", &ms));
    assert_int_equal(ms, 1767607920000);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(rfc3339_parse(bad[i], &ms));
    assert_true(http_date_parse("Mon, 05 Jan 2026 10:12:00 GMT", &ms));
    assert_int_equal(ms, 1767607920000);
    assert_false(http_date_parse("Monday, 05-Jan-26 10:12:00 GMT", &ms));
    assert_false(http_date_parse(NULL, &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_give_what_they_say),
        cmocka_unit_test(pointers_lead_to_the_place_they_name),
        cmocka_unit_test(conditions_hold_where_they_should),
        cmocka_unit_test(times_are_read_and_written_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
