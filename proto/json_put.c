#include "proto/json_put.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"

void json_put_begin(struct json_put *j, struct buf *into, bool indented)
{
    *j = (struct json_put){ .into = into, .err = err_ok(), .indented = indented };
}

static void put(struct json_put *j, const char *bytes, size_t len)
{
    if (!failed(j->err))
        j->err = buf_add(j->into, bytes, len);
}

static void put_line(struct json_put *j)
{
    if (!j->indented)
        return;
    put(j, "\n", 1);
    for (size_t i = 0; i < j->depth; i++)
        put(j, "  ", 2);
}

static void put_escape(struct json_put *j, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char              long_form[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    if (c == '"' || c == '\\') {
        put(j, "\\", 1);
        put(j, (const char *)&c, 1);
    } else if (c == '\n') {
        put(j, "\\n", 2);
    } else {
        put(j, long_form, sizeof long_form);
    }
}

static void put_quoted(struct json_put *j, const char *text)
{
    const char *start = text;

    put(j, "\"", 1);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        put(j, start, (size_t)(text - start));
        put_escape(j, c);
        start = text + 1;
    }
    put(j, start, (size_t)(text - start));
    put(j, "\"", 1);
}

/* What stands before a value: the comma, the line, the key. */
static void put_lead(struct json_put *j, const char *key)
{
    if (j->depth == 0)
        return;
    if (j->filled[j->depth - 1])
        put(j, ",", 1);
    j->filled[j->depth - 1] = true;
    put_line(j);
    if (!key)
        return;
    put_quoted(j, key);
    put(j, ": ", j->indented ? 2 : 1);
}

static void open_with(struct json_put *j, const char *key, const char *opener, char closer)
{
    assert(j->depth < JSON_PUT_DEPTH);
    put_lead(j, key);
    put(j, opener, 1);
    j->closer[j->depth] = closer;
    j->filled[j->depth] = false;
    j->depth++;
}

void json_put_object(struct json_put *j, const char *key)
{
    open_with(j, key, "{", '}');
}

void json_put_array(struct json_put *j, const char *key)
{
    open_with(j, key, "[", ']');
}

void json_put_end(struct json_put *j)
{
    assert(j->depth > 0);
    j->depth--;
    if (j->filled[j->depth])
        put_line(j);
    put(j, &j->closer[j->depth], 1);
}

void json_put_text(struct json_put *j, const char *key, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    char  *mended;

    put_lead(j, key);
    if (!text) {
        put(j, "null", 4);
    } else if (utf8_valid(text, len)) {
        put_quoted(j, text);
    } else {
        mended = malloc(3 * len + 1); /* U+FFFD is three bytes */
        if (!mended) {
            j->err = err_of(ERR_NO_MEMORY, "printing JSON");
            return;
        }
        utf8_copy(mended, 3 * len + 1, text, len);
        put_quoted(j, mended);
        free(mended);
    }
}

void json_put_number(struct json_put *j, const char *key, double value)
{
    put_lead(j, key);
    if (failed(j->err))
        return;
    if (!isfinite(value)) {
        put(j, "null", 4);
        return;
    }
    /* fifteen digits read well and nearly always come back as the same number */
    for (int digits = 15; digits <= 17; digits++) {
        size_t before = j->into->len;

        j->err = buf_printf(j->into, "%.*g", digits, value);
        if (failed(j->err) || strtod(j->into->data + before, NULL) == value)
            return;
        if (digits < 17)
            buf_cut(j->into, before);
    }
}

void json_put_whole(struct json_put *j, const char *key, int64_t value)
{
    put_lead(j, key);
    if (!failed(j->err))
        j->err = buf_printf(j->into, "%" PRId64, value);
}

void json_put_flag(struct json_put *j, const char *key, bool value)
{
    put_lead(j, key);
    put(j, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_put *j, const char *key)
{
    put_lead(j, key);
    put(j, "null", 4);
}

struct err json_put_done(struct json_put *j)
{
    assert(j->depth == 0 || failed(j->err));
    if (j->indented)
        put(j, "\n", 1);
    return j->err;
}
