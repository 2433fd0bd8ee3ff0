/* Requests, conditions on answers, operations. */
#include "proto/connector/request_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/node_load.h"
#include "proto/connector/pointer.h"
#include "proto/connector/template.h"

void words_load(struct loader *l, const cJSON *item, void *into_template)
{
    if (cJSON_IsString(item))
        template_load(l, item->valuestring, PLACE_WORDS, NULL, into_template);
    else
        load_problem(l, "expected a text");
}

/* ---- requests ---- */

static void method_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };
    int                      index = load_word(l, item, methods);

    ((struct request *)into)->method = methods[index < 0 ? 0 : index];
}

static bool address_starts_well(const struct connector *c, const struct template *t)
{
    const struct part *first = &t->parts[0];

    if (t->count == 0)
        return false;
    if (first->literal) /* a value that would end the host is percent-encoded, and that no host may hold */
        return strncmp(first->literal, "https://", 8) == 0;
    if (first->ref.scope == SCOPE_DISCOVERED)
        return c->discovery.kept[first->ref.index].as == KEPT_URL;
    if (first->ref.scope != SCOPE_SETTINGS)
        return false;
    switch (c->settings[c->setting_names[first->ref.index].warning].type) {
    case SETTING_URL:
    case SETTING_WEBHOOK:
        return true;
    default:
        return false;
    }
}

static void url_load(struct loader *l, const cJSON *item, void *into)
{
    struct request *request = into;

    if (!cJSON_IsString(item)) {
        load_problem(l, "expected a text");
        return;
    }
    template_load(l, item->valuestring, PLACE_BASE, NULL, &request->address);
    request->absolute = true;
    if (request->address.count && !address_starts_well(l->c, &request->address))
        load_problem(l, "an address begins with https:// or with a value of type url");
}

static void path_load(struct loader *l, const cJSON *item, void *into)
{
    struct request *request = into;
    const char     *text = cJSON_IsString(item) ? item->valuestring : "";

    if (text[0] != '/' || strpbrk(text, "?# \\"))
        load_problem(l, "expected a path that begins with / and has no ?, # or blank (\"query\" is for the rest)");
    template_load(l, text, PLACE_PATH, NULL, &request->address);
    if (l->needs)
        l->needs->discovery |= l->c->always.discovery;
}

static void request_query_load(struct loader *l, const cJSON *item, void *into)
{
    query_load(l, item, &((struct request *)into)->query);
}

static void request_headers_load(struct loader *l, const cJSON *item, void *into)
{
    headers_load(l, item, &((struct request *)into)->headers);
}

static void request_form_load(struct loader *l, const cJSON *item, void *into)
{
    query_load(l, item, &((struct request *)into)->form);
}

static void request_body_load(struct loader *l, const cJSON *item, void *into)
{
    body_load(l, item, &((struct request *)into)->body);
}

static void credentials_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct request *)into)->credentials = load_bool(l, item, true);
}

static void timeout_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct request *)into)->timeout_ms = (uint32_t)load_integer(l, item, 1, 300) * 1000;
}

static void answer_bytes_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct request *)into)->answer_bytes = (uint32_t)load_integer(l, item, 1024, 4 * 1024 * 1024);
}

static void template_member(struct loader *l, const cJSON *item, const struct template **into)
{
    struct template *text = load_take(l, sizeof *text);

    if (text)
        words_load(l, item, text);
    *into = text;
}

static void basic_user_load(struct loader *l, const cJSON *item, void *into)
{
    template_member(l, item, &((struct request *)into)->basic_user);
}

static void basic_password_load(struct loader *l, const cJSON *item, void *into)
{
    template_member(l, item, &((struct request *)into)->basic_password);
}

static const struct member basic_members[] = {
    { "user", true, basic_user_load },
    { "password", true, basic_password_load },
};

static void request_basic_load(struct loader *l, const cJSON *item, void *into)
{
    load_object(l, item, basic_members, ARRAY_LEN(basic_members), into);
}

static const struct member request_members[] = {
    { "method", false, method_load },
    { "path", false, path_load },
    { "url", false, url_load },
    { "query", false, request_query_load },
    { "headers", false, request_headers_load },
    { "body", false, request_body_load },
    { "form", false, request_form_load },
    { "basic", false, request_basic_load },
    { "credentials", false, credentials_load },
    { "timeout_s", false, timeout_load },
    { "answer_bytes", false, answer_bytes_load },
};

void request_load(struct loader *l, const cJSON *item, void *into_request)
{
    struct request *request = into_request;
    bool            path = cJSON_HasObjectItem(item, "path"), url = cJSON_HasObjectItem(item, "url");

    *request = (struct request){ .method = "GET", .credentials = true };
    load_object(l, item, request_members, ARRAY_LEN(request_members), request);
    if (cJSON_IsObject(item) && path == url)
        load_problem(l, "needs either \"path\" or \"url\"");
    if (request->body && request->form)
        load_problem(l, "has both \"body\" and \"form\"");
    if (path && l->c->base.count == 0)
        load_problem(l, "\"path\" is the rest of \"base\", which the file does not have");
    if (request->credentials && l->needs) {
        l->needs->discovery |= l->c->always.discovery;
        l->needs->wall_time |= l->c->always.wall_time;
    }
}

/* ---- conditions ---- */

void source_load(struct loader *l, const char *text, struct source *ret)
{
    struct template value = { 0 };
    char braced[2 * NAME_LIMIT + 4];

    *ret = (struct source){ .kind = SOURCE_BODY, .name = "" };
    if (text[0] == '\0' || text[0] == '/') {
        if (!pointer_ok(text))
            load_problem(l, "\"%.60s\" is not a JSON pointer", text);
        ret->name = load_copy(l, text);
    } else if (strcmp(text, "status") == 0) {
        ret->kind = SOURCE_STATUS;
    } else if (strcmp(text, "text") == 0) {
        ret->kind = SOURCE_TEXT;
    } else if (strncmp(text, "header.", 7) == 0) {
        char *name = load_take(l, strlen(text + 7) + 1);

        for (size_t i = 0; name && text[7 + i]; i++)
            name[i] = text[7 + i] >= 'A' && text[7 + i] <= 'Z' ? (char)(text[7 + i] + 32) : text[7 + i];
        ret->kind = SOURCE_HEADER;
        ret->name = name ? name : "";
    } else {
        ret->kind = SOURCE_VALUE;
        snprintf(braced, sizeof braced, "{%s}", text);
        template_load(l, braced, PLACE_WORDS, NULL, &value);
        if (value.count == 1 && !value.parts[0].literal)
            ret->ref = value.parts[0].ref;
        else
            load_problem(
                l, "expected a JSON pointer, \"status\", \"text\", \"header.name\" or a value like \"settings.x\"");
    }
}

static void test_value_load(struct loader *l, const cJSON *item, struct template *into)
{
    char *text = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);

    l->no_memory |= !cJSON_IsString(item) && !text;
    if (cJSON_IsString(item))
        template_load(l, item->valuestring, PLACE_WORDS, NULL, into);
    else if (text && (cJSON_IsNumber(item) || cJSON_IsBool(item)))
        template_load(l, text, PLACE_WORDS, NULL, into);
    else if (text)
        load_problem(l, "expected a text, a number, true or false");
    cJSON_free(text);
}

static void test_values_load(struct loader *l, const cJSON *item, struct test *test)
{
    size_t           count = cJSON_IsArray(item) ? load_count(item) : 1, n = 0;
    struct template *values = load_take(l, count * sizeof *values);

    if (count == 0 || count > 16)
        load_problem(l, "expected 1 to 16 values");
    for (const cJSON *at = cJSON_IsArray(item) ? item->child : item; values && at && n < count; at = at->next)
        test_value_load(l, at, &values[n++]);
    test->values = values;
    test->value_count = (uint8_t)(values && count <= 16 ? count : 0);
}

// clang-format off
static const struct { const char *name; uint8_t op; } test_ops[] = {
    { "is", TEST_IS }, { "not", TEST_NOT }, { "same", TEST_SAME }, { "contains", TEST_CONTAINS },
    { "contains_all", TEST_CONTAINS_ALL }, { "above", TEST_ABOVE },
};
// clang-format on

/* "text", 5, true, null, ["a", "b"], {"not": "x"}, {"exists": true} */
static void test_load(struct loader *l, const cJSON *item, struct test *test)
{
    const cJSON *only = cJSON_IsObject(item) ? item->child : NULL;

    if (cJSON_IsNull(item)) {
        test->op = TEST_ABSENT;
        return;
    }
    if (!cJSON_IsObject(item)) {
        test->op = TEST_IS;
        test_values_load(l, item, test);
        return;
    }
    if (only && !only->next && strcmp(only->string, "exists") == 0) {
        test->op = load_bool(l, only, true) ? TEST_EXISTS : TEST_ABSENT;
        return;
    }
    for (size_t i = 0; only && !only->next && i < ARRAY_LEN(test_ops); i++)
        if (strcmp(only->string, test_ops[i].name) == 0) {
            test->op = test_ops[i].op;
            test_values_load(l, only, test);
            return;
        }
    load_problem(l, "expected one of {\"exists\"}, {\"is\"}, {\"not\"}, {\"same\"}, {\"contains\"}, "
                    "{\"contains_all\"}, {\"above\"}");
}

static void alternative_load(struct loader *l, const cJSON *item, struct condition *into)
{
    size_t       count = load_count(item), n = 0;
    struct test *tests;

    if (!cJSON_IsObject(item) || count == 0 || count > 16) {
        load_problem(l, "expected an object with 1 to 16 tests, like {\"/id\": {\"exists\": true}}");
        return;
    }
    tests = load_take(l, count * sizeof *tests);
    for (const cJSON *at = item->child; tests && at; at = at->next, n++) {
        size_t mark = load_enter(l, at->string);

        source_load(l, at->string, &tests[n].source);
        test_load(l, at, &tests[n]);
        load_leave(l, mark);
    }
    into->tests = tests;
    into->count = tests ? (uint8_t)count : 0;
}

/* One object: all of it. Several in an array: any of them. */
void condition_load(struct loader *l, const cJSON *item, void *into)
{
    struct condition *first = NULL, *next = NULL;
    size_t            index = 0, count = cJSON_IsArray(item) ? load_count(item) : 1;

    if (count == 0 || count > 16)
        load_problem(l, "expected 1 to 16 alternatives");
    for (const cJSON *at = cJSON_IsArray(item) ? item->child : item; at && index < count; at = at->next) {
        struct condition *made = load_take(l, sizeof *made);
        size_t            mark = cJSON_IsArray(item) ? load_enter_index(l, index) : strlen(l->path);

        index++;
        if (!made)
            return;
        alternative_load(l, at, made);
        load_leave(l, mark);
        if (next)
            next->otherwise = made;
        else
            first = made;
        next = made;
    }
    *(const struct condition **)into = first;
}
