#include <stdlib.h>
#include <string.h>

#include "proto/slot.h"

/* The rows that a value's kind is printed by. */
static const char *const schema_types[] = {
    [SLOT_TEXT] = "string",   [SLOT_WORD] = "string",   [SLOT_WHOLE] = "integer",
    [SLOT_NUMBER] = "number", [SLOT_FLAG] = "boolean",  [SLOT_GROUP] = "object",
    [SLOT_LIST] = "array",    [SLOT_OTHER] = NULL,
};

static bool may_be_null(const struct slot *row)
{
    return !row->fallback && !row->required && row->kind != SLOT_GROUP && row->kind != SLOT_LIST &&
           row->kind != SLOT_OTHER;
}

/* A fallback or an example in its own type. */
static void put_value(const struct slot *row, const char *key, const char *text, struct json_put *into)
{
    switch (row->kind) {
    case SLOT_WHOLE:
        json_put_whole(into, key, strtoll(text, NULL, 10));
        break;
    case SLOT_NUMBER:
        json_put_number(into, key, strtod(text, NULL));
        break;
    case SLOT_FLAG:
        json_put_flag(into, key, strcmp(text, "true") == 0);
        break;
    default:
        json_put_text(into, key, text);
    }
}

/* ---- schema ---- */

static void schema_type(const struct slot *row, struct json_put *into)
{
    const char *type = schema_types[row->kind];

    if (!may_be_null(row)) {
        json_put_text(into, "type", type);
        return;
    }
    json_put_array(into, "type");
    json_put_text(into, NULL, type);
    json_put_text(into, NULL, "null");
    json_put_end(into);
}

static void schema_words(const struct slot *row, struct json_put *into)
{
    json_put_array(into, "enum");
    for (const char *const *word = row->words; *word; word++)
        json_put_text(into, NULL, *word);
    if (may_be_null(row))
        json_put_null(into, NULL);
    json_put_end(into);
}

static void schema_limits(const struct slot *row, struct json_put *into)
{
    const struct slot_form *form = row->form ? row->form : &slot_form_line;

    switch (row->kind) {
    case SLOT_TEXT:
        if (form->pattern)
            json_put_text(into, "pattern", form->pattern);
        json_put_whole(into, "maxLength", (int64_t)form->max_bytes);
        break;
    case SLOT_WORD:
        schema_words(row, into);
        break;
    case SLOT_WHOLE:
        json_put_whole(into, "minimum", (int64_t)row->least);
        json_put_whole(into, "maximum", (int64_t)row->most);
        break;
    case SLOT_GROUP:
        slots_schema(row->inner, into);
        break;
    case SLOT_LIST:
        json_put_whole(into, "maxItems", (int64_t)row->count_max);
        json_put_object(into, "items");
        json_put_text(into, "type", "object");
        slots_schema(row->inner, into);
        json_put_end(into);
        break;
    default:
        break;
    }
}

static void schema_row(const struct slot *row, struct json_put *into)
{
    json_put_object(into, row->name);
    json_put_text(into, "description", row->help);
    if (row->kind == SLOT_OTHER) {
        row->other->schema(into);
    } else {
        schema_type(row, into);
        schema_limits(row, into);
    }
    if (row->fallback)
        put_value(row, "default", row->fallback, into);
    json_put_end(into);
}

void slots_schema(const struct slot_table *table, struct json_put *into)
{
    bool required = false;

    json_put_flag(into, "additionalProperties", false);
    json_put_object(into, "properties");
    for (size_t r = 0; r < table->count; r++) {
        schema_row(&table->rows[r], into);
        required = required || table->rows[r].required;
    }
    json_put_end(into);
    if (!required)
        return;
    json_put_array(into, "required");
    for (size_t r = 0; r < table->count; r++)
        if (table->rows[r].required)
            json_put_text(into, NULL, table->rows[r].name);
    json_put_end(into);
}

/* ---- example ---- */

static void example_item(const struct slot_table *table, struct json_put *into)
{
    json_put_object(into, NULL);
    for (size_t r = 0; r < table->count; r++) {
        const struct slot *row = &table->rows[r];

        if (row->example || row->fallback)
            put_value(row, row->name, row->example ? row->example : row->fallback, into);
    }
    json_put_end(into);
}

static void example_row(const struct slot *row, struct json_put *into)
{
    if (row->kind == SLOT_GROUP) {
        json_put_object(into, row->name);
        slots_example(row->inner, into);
        json_put_end(into);
    } else if (row->kind == SLOT_LIST) {
        json_put_array(into, row->name);
        if (row->shown)
            example_item(row->inner, into);
        json_put_end(into);
    } else if (row->fallback || row->example) {
        put_value(row, row->name, row->fallback ? row->fallback : row->example, into);
    } else {
        json_put_null(into, row->name);
    }
}

void slots_example(const struct slot_table *table, struct json_put *into)
{
    for (size_t r = 0; r < table->count; r++)
        if (!table->rows[r].omitted)
            example_row(&table->rows[r], into);
}

/* ---- reference ---- */

static struct err reference_range(const struct slot *row, struct buf *into)
{
    struct err e = err_ok();

    switch (row->kind) {
    case SLOT_WHOLE:
        return buf_printf(into, "%.0f to %.0f", row->least, row->most);
    case SLOT_NUMBER:
        return buf_add_text(into, "a number");
    case SLOT_FLAG:
        return buf_add_text(into, "`true`, `false`");
    case SLOT_WORD:
        for (const char *const *word = row->words; *word && !failed(e); word++)
            e = buf_printf(into, "%s`%s`", word == row->words ? "" : ", ", *word);
        return e;
    case SLOT_OTHER:
        return buf_add_text(into, row->other->type);
    default:
        return buf_add_text(into, (row->form ? row->form : &slot_form_line)->expected);
    }
}

static struct err reference_row(const struct slot *row, const char *path, struct buf *into)
{
    struct err e = buf_printf(into, "| `%s` | ", path);

    if (!failed(e))
        e = reference_range(row, into);
    if (!failed(e) && row->fallback)
        e = buf_printf(into, " | `%s` | ", row->fallback);
    else if (!failed(e))
        e = buf_add_text(into, row->required ? " | (required) | " : " | | ");
    if (!failed(e))
        e = buf_printf(into, "%s |\n", row->help);
    return e;
}

struct err slots_reference(const struct slot_table *table, const char *prefix, struct buf *into)
{
    struct err e = err_ok();

    for (size_t r = 0; r < table->count && !failed(e); r++) {
        const struct slot *row = &table->rows[r];
        struct buf         path;

        buf_init(&path, PROBLEM_PATH_MAX);
        e = buf_printf(&path, "%s%s%s%s", prefix, prefix[0] ? "." : "", row->name,
                       row->kind == SLOT_LIST ? "[]" : "");
        if (!failed(e) && row->inner)
            e = slots_reference(row->inner, buf_text(&path), into);
        else if (!failed(e))
            e = reference_row(row, buf_text(&path), into);
        buf_done(&path);
    }
    return e;
}
