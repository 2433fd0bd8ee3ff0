#include "proto/prometheus.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---- */

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

/* Letters, digits and single underscores; the first is no digit. Returns the length. */
static size_t tame(const char *name, char *into, size_t size)
{
    size_t len = 0;

    if (isdigit((unsigned char)name[0]) && size > 1)
        into[len++] = '_';
    for (; *name && len + 1 < size; name++) {
        if (is_letter(*name))
            into[len++] = *name;
        else if (len == 0 || into[len - 1] != '_')
            into[len++] = '_';
    }
    into[len] = '\0';
    return len;
}

/* Is it one of the words of the name already? */
static bool has_word(const char *name, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = name; (at = strstr(at, word)) != NULL; at += len)
        if ((at == name || at[-1] == '_') && (at[len] == '\0' || at[len] == '_'))
            return true;
    return false;
}

static void append(char *name, size_t size, const char *joint, const char *word)
{
    size_t len = strlen(name);

    snprintf(name + len, size - len, "%s%s", joint, word);
}

/* The words of the units that we have; "" for what has none. */
static const char *unit_word(const char *unit, size_t len)
{
    static const struct {
        const char *unit, *word;
    } words[] = { { "By", "bytes" },  { "s", "seconds" },      { "Cel", "celsius" }, { "Hz", "hertz" },
                  { "V", "volts" },   { "A", "amperes" },      { "W", "watts" },     { "J", "joules" },
                  { "%", "percent" }, { "ms", "milliseconds" } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].unit) == len && memcmp(words[i].unit, unit, len) == 0)
            return words[i].word;
    return "";
}

static void append_unit(const struct prometheus_family *f, char *name, size_t size)
{
    const char *slash = strchr(f->unit, '/');
    const char *word = unit_word(f->unit, slash ? (size_t)(slash - f->unit) : strlen(f->unit));

    if (strcmp(f->unit, "1") == 0)
        word = f->counter ? "" : "ratio";
    if (word[0] && !has_word(name, word))
        append(name, size, "_", word);
    if (slash && strcmp(slash, "/s") == 0 && !has_word(name, "per_second"))
        append(name, size, "_", "per_second");
}

const char *prometheus_name_print(const struct prometheus_family *f, char into[PROMETHEUS_NAME_MAX])
{
    tame(f->name, into, PROMETHEUS_NAME_MAX);
    append_unit(f, into, PROMETHEUS_NAME_MAX);
    if (f->counter && !has_word(into, "total"))
        append(into, PROMETHEUS_NAME_MAX, "_", "total");
    return into;
}

/* ---- lines ---- */

/* Line breaks and backslashes everywhere; quotation marks in labels alone. */
static struct err put_escaped(const char *text, bool quoted, struct buf *into)
{
    struct err e = err_ok();

    for (; *text && !failed(e); text++) {
        if (*text == '\n')
            e = buf_add_text(into, "\\n");
        else if (*text == '\\' || (quoted && *text == '"'))
            e = buf_printf(into, "\\%c", *text);
        else
            e = buf_add_byte(into, *text);
    }
    return e;
}

struct err prometheus_head_put(const struct prometheus_family *f, struct buf *into)
{
    char       name[PROMETHEUS_NAME_MAX];
    struct err e = buf_printf(into, "# HELP %s ", prometheus_name_print(f, name));

    if (!failed(e))
        e = put_escaped(f->help, false, into);
    if (!failed(e))
        e = buf_printf(into, "\n# TYPE %s %s\n", name, f->counter ? "counter" : "gauge");
    return e;
}

static struct err put_label(const struct otlp_attr *attr, bool first, struct buf *into)
{
    char       key[PROMETHEUS_NAME_MAX];
    struct err e;

    tame(attr->key, key, sizeof key);
    e = buf_printf(into, "%c%s=\"", first ? '{' : ',', key);
    if (!failed(e))
        e = put_escaped(attr->value, true, into);
    return failed(e) ? e : buf_add_byte(into, '"');
}

static struct err put_value(double value, struct buf *into)
{
    if (isnan(value))
        return buf_add_text(into, " NaN\n");
    if (isinf(value))
        return buf_add_text(into, value > 0 ? " +Inf\n" : " -Inf\n");
    return buf_printf(into, fabs(value) < 1e15 && floor(value) == value ? " %.0f\n" : " %.15g\n", value);
}

struct err prometheus_series_put(const struct prometheus_family *f, const struct otlp_attr *attrs, size_t attr_count,
                                 double value, struct buf *into)
{
    char       name[PROMETHEUS_NAME_MAX];
    struct err e = buf_add_text(into, prometheus_name_print(f, name));

    for (size_t i = 0; i < attr_count && !failed(e); i++)
        e = put_label(&attrs[i], i == 0, into);
    if (attr_count && !failed(e))
        e = buf_add_byte(into, '}');
    return failed(e) ? e : put_value(value, into);
}

/* ---- the question ---- */

/* Does the head end with an empty line already? */
static bool is_whole(const char *text, size_t len)
{
    for (const char *at = memchr(text, '\n', len); at; at = memchr(at, '\n', len - (size_t)(at - text))) {
        at++;
        if (at < text + len && *at == '\r')
            at++;
        if (at < text + len && *at == '\n')
            return true;
    }
    return false;
}

/* One word of the request line, up to a blank or its end. */
static size_t word_len(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && *at != ' ' && *at != '\r' && *at != '\n')
        at++;
    return (size_t)(at - from);
}

static bool is_word(const char *at, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(at, word, len) == 0;
}

enum scrape_wish scrape_read(const void *bytes, size_t len)
{
    const char *method = bytes, *end = method + len, *path, *version;
    size_t      method_len, path_len;

    if (!is_whole(method, len))
        return SCRAPE_UNFINISHED;
    method_len = word_len(method, end);
    path = method + method_len + 1;
    if (method_len == 0 || path[-1] != ' ')
        return SCRAPE_MALFORMED;
    path_len = word_len(path, end);
    version = path + path_len + 1;
    if (path_len == 0 || path[0] != '/' || version[-1] != ' ' || end - version < 7 ||
        memcmp(version, "HTTP/1.", 7) != 0)
        return SCRAPE_MALFORMED;
    if (!is_word(method, method_len, "GET"))
        return SCRAPE_OTHER_METHOD;
    if (memchr(path, '?', path_len))
        path_len = (size_t)((const char *)memchr(path, '?', path_len) - path);
    return is_word(path, path_len, "/metrics") ? SCRAPE_METRICS : SCRAPE_OTHER_PATH;
}
