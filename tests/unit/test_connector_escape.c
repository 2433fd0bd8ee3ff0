/* A value cannot leave the place it is put in: each way of writing one, and then every connector, every operation of it,
 * every value that a machine, a server or a person could put there. */
#include "check.h"

#include <cjson/cJSON.h>

#include "proto/connector/embedded.h"
#include "proto/connector/escape.h"
#include "proto/connector/request.h"

/* ---- the ways of writing a value ---- */

typedef struct err escape_fn(struct buf *into, const char *text, size_t len);

static const struct {
    const char   *name;
    escape_fn    *escape;
    const char   *text, *want;
    enum err_code code;
} rows[] = {
    { "nothing to escape", escape_percent, "aZ09-._~", "aZ09-._~", ERR_OK },
    { "reserved", escape_percent, "a b/c?d&e=f#g%h+i", "a%20b%2Fc%3Fd%26e%3Df%23g%25h%2Bi", ERR_OK },
    { "more than ASCII", escape_percent, "\xc3\xa4", "%C3%A4", ERR_OK },
    { "empty in a query", escape_percent, "", "", ERR_OK },
    { "a segment", escape_segment, "a/b", "a%2Fb", ERR_OK },
    { "three dots", escape_segment, "...", "...", ERR_OK },
    { "this folder", escape_segment, ".", "", ERR_MALFORMED },
    { "the folder above", escape_segment, "..", "", ERR_MALFORMED },
    { "no segment", escape_segment, "", "", ERR_MALFORMED },
    { "a path", escape_path, "v2025_1/x y/", "v2025_1/x%20y/", ERR_OK },
    { "a path up", escape_path, "a/../b", "a/", ERR_MALFORMED },
    { "a path with a gap", escape_path, "a//b", "a/", ERR_MALFORMED },
    { "a path from the root", escape_path, "/a", "", ERR_MALFORMED },
    { "a JSON text", escape_json, "a\"b\\c\n\x01\x7f", "\"a\\\"b\\\\c\\n\\u0001\\u007f\"", ERR_OK },
    { "clean: controls go", escape_clean, "a\x1b[31m\r\n\tb\x7f", "a[31m\n\tb", ERR_OK },
    { "clean: C1 controls go", escape_clean,
      "a\xc2\x85\xc2\x9b"
      "b\xc2\xa0",
      "ab\xc2\xa0", ERR_OK },
    { "clean: what is not UTF-8 is marked", escape_clean, "a\xff\xc3(", "a\xef\xbf\xbd\xef\xbf\xbd(", ERR_OK },
};

static void each_value_is_written_as_its_place_wants(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf into;
        struct err e;

        buf_init(&into, 4096);
        e = rows[i].escape(&into, rows[i].text, strlen(rows[i].text));
        if (e.code != rows[i].code || strcmp(buf_text(&into), rows[i].want) != 0)
            fail_msg("%s: %s \"%s\"", rows[i].name, err_name(e.code), buf_text(&into));
        buf_done(&into);
    }
}

static void a_long_text_is_cleaned_without_breaking_characters(void **state)
{
    char       text[1201];
    struct buf into;

    (void)state;
    for (size_t i = 0; i < 1200; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    text[1200] = '\0';
    buf_init(&into, 8192);
    assert_false(failed(escape_clean(&into, text, 1200)));
    assert_string_equal(buf_text(&into), text);
    buf_done(&into);
}

static void a_language_quotes_by_its_table(void **state)
{
    static const char *const     escapes[] = { "\\", "\\\\", "'", "\\'", NULL, NULL };
    static const char *const     tags[] = { "<", "&lt;", "&", "&amp;", "\n", "<br>", NULL, NULL };
    static const struct language sql = { .quote = "'", .strip = "", .escapes = escapes, .max = 20 };
    static const struct language strip = { .quote = "\"", .strip = "\"\\", .max = 20 };
    static const struct language html = { .quote = "", .strip = "", .escapes = tags, .max = 100 };
    static const struct {
        const struct language *language;
        bool                   bare;
        const char            *text, *want;
        enum err_code          code;
    } cases[] = {
        { &sql, false, "it's \\ x", "'it\\'s \\\\ x'", ERR_OK },
        { &sql, false, "a\nb", "'a b'", ERR_OK },
        { &sql, true, "12", "12", ERR_OK },
        { &sql, false, "", "", ERR_MALFORMED },
        { &sql, false, "123456789012345678901", "", ERR_TOO_BIG },
        { &strip, false, "a\"b\\c", "\"abc\"", ERR_OK },
        { &html, false, "<b>&\n", "&lt;b>&amp;<br>", ERR_OK },
        { &html, false, "", "", ERR_OK },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf into;

        buf_init(&into, 4096);
        assert_int_equal(
            escape_language(&into, cases[i].language, cases[i].bare, cases[i].text, strlen(cases[i].text)).code,
            cases[i].code);
        assert_string_equal(buf_text(&into), cases[i].want);
        buf_done(&into);
    }
}

static void an_address_holds_nothing_that_could_be_misread(void **state)
{
    static const struct {
        const char *text;
        bool        plain, with_query;
    } cases[] = {
        { "https://a.example", true, true },
        { "https://a.example:8443/x/y", true, true },
        { "https://[2001:db8::1]:8443/x", true, true },
        { "https://a.example/x?y=z", false, true },
        { "http://a.example", false, false },
        { "https://", false, false },
        { "https:///x", false, false },
        { "https://user@a.example/", false, false },
        { "https://a.example\\@b.example/", false, false },
        { "https://a.example#b", false, false },
        { "https://a.example/x#b", false, false },
        { "https://a.example/x y", false, false },
        { "https://a.example/\r\nX: y", false, false },
        { "https://a.example/../x", false, false },
        { "https://a.example/x/..", false, false },
        { "https://a.example/./x", false, false },
        { "https://a.example/.x/..y", true, true },
        { "https://a..example/", false, false },
        { "https://-a.example/", false, false },
        { "https://a.example:0/", false, false },
        { "https://a.example:99999/", false, false },
        { "https://a.example:/", false, false },
        { "https://a%2eexample/", false, false },
        { "https://\xc3\xa4.example/", false, false },
        { "https://a.example/\xc3\xa4", false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (url_ok(cases[i].text, false) != cases[i].plain || url_ok(cases[i].text, true) != cases[i].with_query)
            fail_msg("%s", cases[i].text);
    assert_true(url_same_host("https://a.example/x", "https://A.example:443/y?z"));
    assert_false(url_same_host("https://a.example/x", "https://a.example:8443/x"));
    assert_false(url_same_host("https://a.example/x", "https://a.example.evil/x"));
}

static void headers_hold_no_line_breaks_and_none_of_our_own(void **state)
{
    (void)state;
    assert_true(header_value_ok("plain \xc3\xa4", 8));
    assert_false(header_value_ok("a\r\nb", 4));
    assert_false(header_value_ok("a\0b", 3));
    assert_true(header_name_ok("X-Thing_1"));
    assert_false(header_name_ok("Host"));
    assert_false(header_name_ok("content-length"));
    assert_false(header_name_ok("a:b"));
    assert_false(header_name_ok(""));
}

/* ---- every connector, every operation, every value ---- */

static const char *const hostile[] = {
    "'",
    "\"",
    "\\",
    "\\\"",
    "\\'",
    "''",
    "' OR 1=1 --",
    "\" or 1=1 or a=\"",
    "C:\\",
    "x'; DELETE",
    "1 or closedFlag=True",
    "../..",
    "..",
    ".",
    "/",
    "//evil.example/",
    "a/../../b",
    "%2e%2e%2f",
    "?x=y",
    "&admin=true",
    "#",
    "x y",
    ";",
    "a=b&c=d",
    "\r\nX-Evil: 1",
    "\n",
    "\r",
    "\t",
    "\x1b[2J",
    "\x7f",
    "\xc2\x9b",
    "{\"a\":1}",
    "\"}],\"x\":[{\"y\":\"",
    "[",
    "]",
    "}",
    "{",
    "{settings.secret}",
    "{{",
    "<script>",
    "&lt;",
    "</p>",
    "`",
    "$(id)",
    "|",
    "\xff\xfe",
    "\xc0\xaf",
    "\xed\xa0\x80",
    "\xe2\x80\xae",
    "@evil.example",
    ":80@evil.example",
    "0",
    "-1",
    "1e309",
    "NaN",
    "true",
    "null",
    "99999999999999999999",
    " 12 ",
    "0x10",
    "CF.{1}",
    "[[]",
    "*",
    "(",
    ")",
    "",
};

/* What a value may change must not change this. */
struct shape {
    char   text[8192];
    size_t used;
};

static void shape_add(struct shape *s, const char *text)
{
    s->used += (size_t)snprintf(s->text + s->used, sizeof s->text - s->used, "%s ", text);
    assert_true(s->used < sizeof s->text);
}

/* The skeleton of a query: what stands outside of quotes, by the language's own rules. */
static void shape_query(struct shape *s, const struct language *language, const char *text)
{
    char   out[2048];
    size_t n = 0;
    bool   inside = false;

    for (const char *at = text; *at && n < sizeof out - 4; at++) {
        bool escaped = false;

        for (const char *const *e = language->escapes; inside && e && *e && !escaped; e += 2)
            if (strncmp(at, e[1], strlen(e[1])) == 0) {
                at += strlen(e[1]) - 1;
                escaped = true;
            }
        if (escaped)
            continue;
        if (*at == language->quote[0]) {
            inside = !inside;
            out[n++] = 'Q';
        } else if (!inside && !(*at >= '0' && *at <= '9')) { /* a checked number may differ */
            out[n++] = *at;
        }
    }
    assert_false(inside);
    out[n] = '\0';
    shape_add(s, out);
}

/* Which tags there are. */
static void shape_markup(struct shape *s, const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at == '<') {
            char tag[16];

            snprintf(tag, sizeof tag, "%.*s", (int)strcspn(at, ">") + 1, at);
            if (strcmp(tag, "<br>") != 0)
                shape_add(s, tag);
        }
}

static void unescape(const char *from, size_t len, char *into)
{
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)from[i];

        if (from[i] == '%') {
            assert_int_equal(sscanf(from + i + 1, "%2x", &byte), 1);
            i += 2;
        } else {
            assert_true(strchr("-._~", from[i]) || (from[i] >= '0' && from[i] <= '9') ||
                        ((from[i] | 32) >= 'a' && (from[i] | 32) <= 'z'));
        }
        *into++ = (char)byte;
    }
    *into = '\0';
}

static const struct language *language_named(const struct connector *c, const char *name)
{
    for (size_t i = 0; i < c->language_count; i++)
        for (const char *const *at = c->languages[i].used_in; *at; at++)
            if (strcmp(*at, name) == 0)
                return &c->languages[i];
    return NULL;
}

/* a=1&b=2: the names, and of queries the skeletons. Values that are empty are left out, so only names that were expected count. */
static void shape_fields(struct shape *s, const struct connector *c, const char *fields)
{
    while (*fields) {
        size_t                 len = strcspn(fields, "&"), name = strcspn(fields, "=");
        char                   key[200], value[16384];
        const struct language *language;

        assert_true(name < len && len < sizeof value);
        unescape(fields, name, key);
        unescape(fields + name + 1, len - name - 1, value);
        shape_add(s, key);
        language = language_named(c, key);
        if (language && language->quote[0])
            shape_query(s, language, value);
        fields += len + (fields[len] == '&');
    }
}

static void shape_json(struct shape *s, const struct connector *c, const cJSON *at)
{
    for (const cJSON *item = at->child; item; item = item->next) {
        const struct language *language = item->string ? language_named(c, item->string) : NULL;

        if (item->string) /* a number as a name is a checked id */
            shape_add(s, strspn(item->string, "0123456789") == strlen(item->string) ? "#" : item->string);
        shape_add(s, cJSON_IsString(item)   ? "text"
                     : cJSON_IsNumber(item) ? "number"
                     : cJSON_IsBool(item)   ? "bool"
                                            : "tree");
        if (cJSON_IsString(item) && language && language->quote[0])
            shape_query(s, language, item->valuestring);
        else if (cJSON_IsString(item) && language)
            shape_markup(s, item->valuestring);
        shape_json(s, c, item);
    }
}

static void shape_make(struct shape *s, const struct connector *c, const struct built *b)
{
    const char *url = buf_text(&b->url), *query = strchr(url, '?');
    size_t      host_len, path = query ? (size_t)(query - url) : strlen(url), slashes = 0;
    const char *host;
    char        text[80];

    *s = (struct shape){ .used = 0 };
    assert_true(url_ok(url, true));
    assert_true(strlen(url) <= c->limits.url_max);
    host = url_host(url, &host_len);
    snprintf(text, sizeof text, "%s %.*s", b->method, (int)host_len, host);
    shape_add(s, text);
    for (size_t i = 0; i < path; i++)
        slashes += url[i] == '/';
    snprintf(text, sizeof text, "%zu", slashes);
    shape_add(s, text);
    if (query)
        shape_fields(s, c, query + 1);
    for (size_t i = 0; i < b->header_count; i++) {
        shape_add(s, b->headers[i].name);
        assert_true(header_name_ok(b->headers[i].name));
        assert_true(header_value_ok(b->headers[i].value, strlen(b->headers[i].value)));
    }
    if (b->has_body && buf_text(&b->body)[0] != '{' && buf_text(&b->body)[0] != '[') {
        shape_fields(s, c, buf_text(&b->body));
    } else if (b->has_body) {
        cJSON *tree = NULL;

        assert_false(failed(json_parse(buf_text(&b->body), b->body.len, &json_limits_answer, NULL, &tree)));
        shape_json(s, c, tree);
        cJSON_Delete(tree);
    }
}

/* Every value that is not a checked address of the settings, as one text. */
struct world {
    struct env          env;
    struct ticket_facts facts;
    const char         *settings[SETTINGS_LIMIT];
    char               *discovered[KEPT_LIMIT], *picks[PICKS_LIMIT], *found[FOUND_LIMIT];
    char                value[100];
};

static const char *good_setting(const struct setting *s, const char *text)
{
    static const char *const by_type[] = {
        [SETTING_HOST] = "psa.example.com", [SETTING_URL] = "https://psa.example.com/x",
        [SETTING_INTEGER] = "12",           [SETTING_WEBHOOK] = "https://hook.example.com/a/b?c=d",
        [SETTING_BOOLEAN] = "true",
    };

    return s->type == SETTING_CHOICE                          ? s->choices[0]
           : s->type < ARRAY_LEN(by_type) && by_type[s->type] ? by_type[s->type]
                                                              : text;
}

static char *good_kept(const struct kept *kept, char *text)
{
    static char host[] = "api.example.com", url[] = "https://api.example.com/y", path[] = "v1/";

    return kept->as == KEPT_HOST ? host : kept->as == KEPT_URL ? url : kept->as == KEPT_PATH ? path : text;
}

/* numbers: where the file wants one, so that the plain case has one. */
static void world_make(struct world *w, const struct connector *c, const char *value)
{
    char *v = w->value;

    snprintf(w->value, sizeof w->value, "%s", value);
    w->facts = (struct ticket_facts){ .ref = v,
                                      .event_id = v,
                                      .title = v,
                                      .text = v,
                                      .note = v,
                                      .severity = SEVERITY_CRITICAL,
                                      .device_id = v,
                                      .device_name = v,
                                      .device_url = v,
                                      .client = v,
                                      .site = v,
                                      .rule = v,
                                      .instance = v,
                                      .metric = v,
                                      .value = v,
                                      .level = v,
                                      .raised_at = v,
                                      .changed_at = v,
                                      .cleared_at = v,
                                      .revision = 1,
                                      .changes = 2 };
    for (size_t i = 0; i < c->setting_count; i++)
        w->settings[i] = good_setting(&c->settings[i], v);
    for (size_t i = 0; i < c->discovery.kept_count; i++)
        w->discovered[i] = good_kept(&c->discovery.kept[i], v);
    for (size_t i = 0; i < PICKS_LIMIT; i++)
        w->picks[i] = v;
    for (size_t i = 0; i < FOUND_LIMIT; i++)
        w->found[i] = v;
    w->env = (struct env){ .c = c,
                           .settings = w->settings,
                           .discovered = w->discovered,
                           .picks = w->picks,
                           .found = w->found,
                           .facts = &w->facts,
                           .severity = SEVERITY_CRITICAL,
                           .ticket_id = v,
                           .by = v,
                           .token = v,
                           .cursor = v,
                           .page_number = 1,
                           .wall_ms = 1767607920000,
                           .wall_known = true };
}

struct tally {
    size_t built, refused, operations;
};

/* What cleaning leaves empty is left out of a request; then its shape may be less. */
static bool is_blank_when_clean(const char *value)
{
    struct buf clean;
    bool       blank;

    buf_init(&clean, 1000);
    assert_false(failed(escape_clean(&clean, value, strlen(value))));
    blank = strspn(buf_text(&clean), " \n\t") == clean.len;
    buf_done(&clean);
    return blank;
}

/* "7" fits everywhere: it is a name, a number and a part of a path. */
static void try_operation(const struct connector *c, const struct operation *op, struct tally *tally)
{
    struct world w;
    struct built b;
    struct shape plain, other;

    built_init(&b);
    world_make(&w, c, "7");
    if (failed(request_build(&op->request, NULL, &w.env, &b)))
        fail_msg("%s %s: %s", c->name, op->name, w.env.trouble);
    shape_make(&plain, c, &b);
    tally->operations++;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        struct err e;

        world_make(&w, c, hostile[i]);
        e = request_build(&op->request, NULL, &w.env, &b);
        if (failed(e)) { /* refused: it cannot do harm, but it must say why */
            assert_int_equal(e.code, ERR_MALFORMED);
            assert_true(w.env.trouble[0]);
            tally->refused++;
            continue;
        }
        shape_make(&other, c, &b);
        tally->built++;
        if (strcmp(plain.text, other.text) != 0 && !is_blank_when_clean(hostile[i]))
            fail_msg("%s %s with \"%s\":\n  %s\n  %s\n  %s", c->name, op->name, hostile[i], plain.text, other.text,
                     buf_text(&b.url));
    }
    built_done(&b);
}

static void try_connector(const struct connector *c, struct tally *tally)
{
    for (size_t i = 0; i < TICKET_OPS; i++)
        if (c->has_op[i])
            try_operation(c, &c->ops[i], tally);
    for (size_t i = 0; i < c->pick_count; i++)
        try_operation(c, &c->picks[i].ask, tally);
    for (size_t i = 0; i < c->test_count; i++)
        try_operation(c, &c->tests[i], tally);
    for (size_t i = 0; i < c->auth_count; i++)
        if (c->auths[i].login.request.method)
            try_operation(c, &c->auths[i].login, tally);
    if (c->discovery.present)
        try_operation(c, &c->discovery.ask, tally);
}

static void no_value_leaves_its_place_in_any_request_of_any_connector(void **state)
{
    struct tally tally = { 0 };

    (void)state;
    for (size_t i = 0; i < connector_file_count; i++) {
        struct connector *c = NULL;

        assert_false(failed(connector_builtin(connector_files[i].name, NULL, &c)));
        try_connector(c, &tally);
        connector_free(&c);
    }
    print_message("%zu operations, %zu requests built, %zu refused\n", tally.operations, tally.built, tally.refused);
    assert_true(tally.operations > 30 && tally.built > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_written_as_its_place_wants),
        cmocka_unit_test(a_long_text_is_cleaned_without_breaking_characters),
        cmocka_unit_test(a_language_quotes_by_its_table),
        cmocka_unit_test(an_address_holds_nothing_that_could_be_misread),
        cmocka_unit_test(headers_hold_no_line_breaks_and_none_of_our_own),
        cmocka_unit_test(no_value_leaves_its_place_in_any_request_of_any_connector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
