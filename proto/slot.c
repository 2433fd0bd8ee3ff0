#include "proto/slot.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/nearest.h"
#include "proto/text.h"

/* ---- forms ---- */

static bool is_line(const char *text)
{
    return !text_has_controls(text, "");
}

static bool is_name(const char *text)
{
    return text[0] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool is_path(const char *text)
{
    return text[0] == '/' && is_line(text);
}

static bool is_link(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;

    return scheme && text[scheme] && is_line(text) && !strpbrk(text, " \"<>");
}

const struct slot_form slot_form_line = { "text without control characters", NULL, is_line, 200 };
const struct slot_form slot_form_name = { "a name of a-z, 0-9 and -", "^[a-z0-9-]+$", is_name, 48 };
const struct slot_form slot_form_path = { "a path that begins with /", "^/", is_path, 500 };
const struct slot_form slot_form_link = { "an address that begins with https:// or http://",
                                          "^https?://[^ \"<>]+$", is_link, 500 };

/* ---- where we are ---- */

void slot_parser_begin(struct slot_parser *p, struct problems *problems, struct text_pool *pool)
{
    *p = (struct slot_parser){ .problems = problems, .pool = pool, .err = err_ok() };
}

size_t slot_enter(struct slot_parser *p, const char *key, size_t index)
{
    size_t before = p->path_len;
    int    len;

    if (key)
        len = snprintf(p->path + before, sizeof p->path - before, "%s%s", before ? "." : "", key);
    else
        len = snprintf(p->path + before, sizeof p->path - before, "[%zu]", index);
    if (len > 0)
        p->path_len += (size_t)len;
    if (p->path_len >= sizeof p->path)
        p->path_len = sizeof p->path - 1;
    return before;
}

void slot_leave(struct slot_parser *p, size_t before)
{
    p->path_len = before;
    p->path[before] = '\0';
}

void slot_problem(struct slot_parser *p, const char *below, const char *format, ...)
{
    char    path[PROBLEM_PATH_MAX], text[PROBLEM_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (snprintf(path, sizeof path, "%s%s", p->path, p->path_len || below[0] != '.' ? below : below + 1) < 0)
        path[0] = '\0';
    problem_add(p->problems, path, "%s", text);
    p->wrong = true;
}

const char *slot_copy(struct slot_parser *p, const char *text)
{
    const char *copy = text_pool_copy(p->pool, text, strlen(text));

    if (!copy)
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
    return copy;
}

/* What stands there, short enough for a sentence. */
static const char *found_text(const cJSON *json, char *into, size_t size)
{
    char text[48];

    if (cJSON_IsString(json)) {
        utf8_copy(text, sizeof text, json->valuestring, strlen(json->valuestring));
        snprintf(into, size, "\"%s%s\"", text, strlen(json->valuestring) < sizeof text ? "" : "...");
    } else if (cJSON_IsNumber(json)) {
        snprintf(into, size, "%.15g", json->valuedouble);
    } else {
        snprintf(into, size, "%s", cJSON_IsTrue(json)     ? "true"
                                   : cJSON_IsFalse(json)  ? "false"
                                   : cJSON_IsArray(json)  ? "a list"
                                   : cJSON_IsObject(json) ? "an object"
                                                          : "null");
    }
    return into;
}

static void wrong_value(struct slot_parser *p, const char *expected, const cJSON *json)
{
    char found[64];

    slot_problem(p, "", "expected %s, got %s", expected, found_text(json, found, sizeof found));
}

/* ---- one value ---- */

static void parse_text(struct slot_parser *p, const struct slot *row, const cJSON *json, void *field)
{
    const struct slot_form *form = row->form ? row->form : &slot_form_line;

    if (!cJSON_IsString(json) || !form->fits(json->valuestring))
        wrong_value(p, form->expected, json);
    else if (strlen(json->valuestring) > form->max_bytes)
        slot_problem(p, "", "expected at most %zu bytes, got %zu", form->max_bytes,
                     strlen(json->valuestring));
    else
        *(const char **)field = slot_copy(p, json->valuestring);
}

static void parse_word(struct slot_parser *p, const struct slot *row, const cJSON *json, void *field)
{
    char   expected[PROBLEM_TEXT_MAX / 2] = "";
    size_t len = 0;

    for (const char *const *word = row->words; *word; word++) {
        if (cJSON_IsString(json) && strcmp(json->valuestring, *word) == 0) {
            *(const char **)field = *word;
            return;
        }
        if (len < sizeof expected)
            len += (size_t)snprintf(expected + len, sizeof expected - len, "%s\"%s\"",
                                    !len      ? ""
                                    : word[1] ? ", "
                                              : " or ",
                                    *word);
    }
    wrong_value(p, expected, json);
}

static void parse_whole(struct slot_parser *p, const struct slot *row, const cJSON *json, void *field)
{
    char   expected[80];
    double value = cJSON_IsNumber(json) ? json->valuedouble : NAN;

    snprintf(expected, sizeof expected, "a whole number from %.0f to %.0f", row->least, row->most);
    if (!(value >= row->least && value <= row->most) || value != floor(value))
        wrong_value(p, expected, json);
    else
        *(uint32_t *)field = (uint32_t)value;
}

static void parse_number(struct slot_parser *p, const cJSON *json, void *field)
{
    if (!cJSON_IsNumber(json) || !isfinite(json->valuedouble))
        wrong_value(p, "a number", json);
    else
        *(double *)field = json->valuedouble;
}

static void parse_flag(struct slot_parser *p, const cJSON *json, void *field)
{
    if (!cJSON_IsBool(json))
        wrong_value(p, "true or false", json);
    else
        *(int *)field = cJSON_IsTrue(json);
}

static void parse_list(struct slot_parser *p, const struct slot *row, const cJSON *json, char *base)
{
    size_t count = (size_t)cJSON_GetArraySize(json), i = 0;
    char  *items;

    if (!cJSON_IsArray(json)) {
        wrong_value(p, "a list", json);
        return;
    }
    if (count > row->count_max) {
        slot_problem(p, "", "expected at most %zu, got %zu", row->count_max, count);
        return;
    }
    items = text_pool_take(p->pool, count * row->inner->size + 1);
    if (!items) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return;
    }
    for (const cJSON *item = json->child; item; item = item->next, i++) {
        size_t before = slot_enter(p, NULL, i);

        slots_default(row->inner, items + i * row->inner->size);
        slots_parse(p, row->inner, item, items + i * row->inner->size);
        slot_leave(p, before);
    }
    *(void **)(void *)(base + row->offset) = items;
    *(size_t *)(void *)(base + row->count_offset) = count;
}

static void parse_value(struct slot_parser *p, const struct slot *row, const cJSON *json, char *base)
{
    void *field = base + row->offset;

    if (cJSON_IsNull(json) && !row->fallback && !row->required)
        return;
    switch (row->kind) {
    case SLOT_TEXT:
        parse_text(p, row, json, field);
        break;
    case SLOT_WORD:
        parse_word(p, row, json, field);
        break;
    case SLOT_WHOLE:
        parse_whole(p, row, json, field);
        break;
    case SLOT_NUMBER:
        parse_number(p, json, field);
        break;
    case SLOT_FLAG:
        parse_flag(p, json, field);
        break;
    case SLOT_GROUP:
        slots_parse(p, row->inner, json, field);
        break;
    case SLOT_LIST:
        parse_list(p, row, json, base);
        break;
    case SLOT_OTHER:
        row->other->parse(p, json, base);
    }
}

/* ---- a struct ---- */

static const struct slot *find_row(const struct slot_table *table, const char *name)
{
    for (size_t r = 0; r < table->count; r++)
        if (strcmp(table->rows[r].name, name) == 0)
            return &table->rows[r];
    return NULL;
}

static void unknown_name(struct slot_parser *p, const struct slot_table *table, const char *name)
{
    struct nearest best = nearest_begin(name, strlen(name));

    for (size_t r = 0; r < table->count; r++)
        nearest_offer(&best, table->rows[r].name);
    if (best.found)
        slot_problem(p, "", "there is no such setting; \"%s\" perhaps?", best.found);
    else
        slot_problem(p, "", "there is no such setting");
}

void slots_parse(struct slot_parser *p, const struct slot_table *table, const struct cJSON *json,
                 void *base)
{
    if (!cJSON_IsObject(json)) {
        wrong_value(p, "an object", json);
        return;
    }
    for (const cJSON *member = json->child; member; member = member->next) {
        const struct slot *row = find_row(table, member->string);
        size_t             before = slot_enter(p, member->string, 0);

        if (row)
            parse_value(p, row, member, base);
        else
            unknown_name(p, table, member->string);
        slot_leave(p, before);
    }
    for (size_t r = 0; r < table->count; r++)
        if (table->rows[r].required && !cJSON_GetObjectItemCaseSensitive(json, table->rows[r].name))
            slot_problem(p, "", "\"%s\" is missing: %s", table->rows[r].name, table->rows[r].help);
}

static void default_of(const struct slot *row, char *base)
{
    void *field = base + row->offset;

    switch (row->kind) {
    case SLOT_TEXT:
    case SLOT_WORD:
        *(const char **)field = row->fallback;
        break;
    case SLOT_WHOLE:
        *(uint32_t *)field = row->fallback ? (uint32_t)strtoul(row->fallback, NULL, 10) : SLOT_UNNAMED;
        break;
    case SLOT_NUMBER:
        *(double *)field = row->fallback ? strtod(row->fallback, NULL) : NAN;
        break;
    case SLOT_FLAG:
        *(int *)field = row->fallback ? strcmp(row->fallback, "true") == 0 : -1;
        break;
    case SLOT_GROUP:
        slots_default(row->inner, field);
        break;
    case SLOT_LIST:
        *(void **)field = NULL;
        *(size_t *)(void *)(base + row->count_offset) = 0;
        break;
    case SLOT_OTHER:
        break;
    }
}

void slots_default(const struct slot_table *table, void *base)
{
    for (size_t r = 0; r < table->count; r++)
        default_of(&table->rows[r], base);
}
