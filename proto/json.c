#include "proto/json.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct json_limits json_limits_config = { 1024 * 1024, 32, 20000 };
const struct json_limits json_limits_answer = { 4 * 1024 * 1024, 64, 200000 };

void problem_add(struct problems *to, const char *path, const char *format, ...)
{
    va_list args;

    if (!to)
        return;
    if (to->count == PROBLEMS_MAX) {
        to->omitted++;
        return;
    }
    snprintf(to->items[to->count].path, PROBLEM_PATH_MAX, "%s", path);
    va_start(args, format);
    vsnprintf(to->items[to->count].text, PROBLEM_TEXT_MAX, format, args);
    va_end(args);
    to->count++;
}

/* cJSON does not say why it gave up: a text that is well must not be called malformed because memory was short. */
static _Thread_local bool starved;

static void *allocate(size_t size)
{
    void *made = malloc(size);

    starved = starved || !made;
    return made;
}

static cJSON_Hooks hooks = { allocate, free };

/* cJSON recurses, so depth is bounded before it sees the text; it also takes control characters inside
 * strings, which RFC 8259 does not. Finds the first offence. */
static const char *scan(const char *text, size_t len, const struct json_limits *limits, size_t *ret_at)
{
    size_t depth = 0, values = 0;
    bool   in_string = false;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        *ret_at = i;
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c < 0x20)
                return "a control character inside a string";
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        values += c == ',' || c == ':' || c == '[' || c == '{';
        if (c == '[' || c == '{')
            depth++;
        if ((c == ']' || c == '}') && depth > 0)
            depth--;
        if (depth > limits->depth)
            return "more levels of nesting than are allowed";
        if (values > limits->values)
            return "more values than are allowed";
    }
    return NULL;
}

static void place(const char *text, size_t at, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at; i++) {
        (*column)++;
        if (text[i] == '\n') {
            (*line)++;
            *column = 1;
        }
    }
}

static struct err syntax(struct problems *problems, const char *text, size_t at, enum err_code code,
                         const char *what)
{
    unsigned line, column;

    place(text, at, &line, &column);
    problem_add(problems, "", "line %u, column %u: %s", line, column, what);
    return err_of(code, "reading JSON");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct err doubled_names(const struct cJSON *object, struct problems *problems)
{
    size_t       count = (size_t)cJSON_GetArraySize(object), n = 0;
    const char **names = count > 1 ? malloc(count * sizeof *names) : NULL;
    struct err   e = err_ok();

    if (count <= 1)
        return e;
    if (!names)
        return err_of(ERR_NO_MEMORY, "reading JSON");
    for (const cJSON *item = object->child; item; item = item->next)
        names[n++] = item->string;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 1; i < n && !failed(e); i++) {
        if (strcmp(names[i - 1], names[i]) != 0)
            continue;
        problem_add(problems, "", "the name \"%.100s\" stands twice in one object", names[i]);
        e = err_of(ERR_MALFORMED, "reading JSON");
    }
    free(names);
    return e;
}

/* Depth was bounded by scan. */
static struct err check_names(const struct cJSON *tree, struct problems *problems)
{
    struct err e = err_ok();

    if (cJSON_IsObject(tree))
        e = doubled_names(tree, problems);
    for (const cJSON *item = tree->child; item && !failed(e); item = item->next)
        if (item->child)
            e = check_names(item, problems);
    return e;
}

struct err json_parse(const char *text, size_t len, const struct json_limits *limits,
                      struct problems *problems, struct cJSON **ret)
{
    const char *end = NULL, *offence;
    cJSON      *tree;
    size_t      at = 0;
    struct err  e;

    if (len > limits->bytes) {
        problem_add(problems, "", "%zu bytes, more than the %zu that are allowed", len, limits->bytes);
        return err_of(ERR_TOO_BIG, "reading JSON");
    }
    if (!utf8_valid(text, len))
        return syntax(problems, text, 0, ERR_MALFORMED, "not UTF-8 text");
    offence = scan(text, len, limits, &at);
    if (offence)
        return syntax(problems, text, at, ERR_MALFORMED, offence);
    starved = false;
    cJSON_InitHooks(&hooks);
    tree = cJSON_ParseWithLengthOpts(text, len, &end, false);
    if (!tree && starved)
        return err_of(ERR_NO_MEMORY, "reading JSON");
    if (!tree)
        return syntax(problems, text, end && end >= text ? (size_t)(end - text) : 0, ERR_MALFORMED,
                      "this is not JSON from here on");
    for (at = (size_t)(end - text); at < len && strchr(" \t\r\n", text[at]); at++)
        ;
    if (at < len)
        e = syntax(problems, text, at, ERR_MALFORMED, "more text after the end of the document");
    else
        e = check_names(tree, problems);
    if (failed(e))
        cJSON_Delete(tree);
    else
        *ret = tree;
    return e;
}

struct err json_print(const struct cJSON *tree, bool indented, struct buf *into)
{
    char      *text = indented ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
    struct err e;

    if (!text)
        return err_of(ERR_NO_MEMORY, "printing JSON");
    e = buf_add_text(into, text);
    cJSON_free(text);
    return e;
}

/* Length of the well-formed character at text (RFC 3629, section 4), 0 if there is none. */
static size_t utf8_char(const unsigned char *text, size_t len)
{
    unsigned char c = text[0], low = 0x80, high = 0xbf;
    size_t        need;

    if (c == 0)
        return 0;
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    need = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f;
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (need > len || text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return need;
}

bool utf8_valid(const char *text, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_char((const unsigned char *)text + i, len - i);
        if (n == 0)
            return false;
    }
    return true;
}

size_t utf8_copy(char *into, size_t size, const char *text, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t            out = 0;

    for (size_t i = 0; i < len;) {
        size_t      n = utf8_char((const unsigned char *)text + i, len - i);
        const char *from = n ? text + i : replacement;
        size_t      add = n ? n : sizeof replacement - 1;

        if (out + add >= size)
            break;
        memcpy(into + out, from, add);
        out += add;
        i += n ? n : 1;
    }
    into[out] = '\0';
    return out;
}
