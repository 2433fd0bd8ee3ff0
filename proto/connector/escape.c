#include "proto/connector/escape.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEADER_VALUE_MAX = 4096, HOST_MAX = 253 };

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* C1 controls (U+0080 to U+009F) are two bytes in UTF-8 and steer terminals too. */
static bool is_c1(const char *text, size_t left)
{
    return left >= 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0 &&
           (unsigned char)text[1] >= 0x80;
}

struct err escape_clean(struct buf *into, const char *text, size_t len)
{
    char       piece[512];
    struct err e = err_ok();

    while (len > 0 && !failed(e)) {
        size_t take = len < 128 ? len : 128, used;

        while (take < len && take > 120 && ((unsigned char)text[take] & 0xc0) == 0x80)
            take--; /* not within a character */
        used = utf8_copy(piece, sizeof piece, text, take);
        for (size_t i = 0; i < used && !failed(e); i++) {
            if (is_c1(piece + i, used - i))
                i++;
            else if (piece[i] == '\n' || piece[i] == '\t' || !is_control(piece[i]))
                e = buf_add_byte(into, piece[i]);
        }
        text += take;
        len -= take;
    }
    return e;
}

struct err escape_percent(struct buf *into, const char *text, size_t len)
{
    struct err e = err_ok();

    for (size_t i = 0; i < len && !failed(e); i++) {
        char c = text[i];

        if (is_alnum(c) || (c && strchr("-._~", c)))
            e = buf_add_byte(into, c);
        else
            e = buf_printf(into, "%%%02X", (unsigned char)c);
    }
    return e;
}

struct err escape_segment(struct buf *into, const char *text, size_t len)
{
    if (len == 0 || (len == 1 && text[0] == '.') || (len == 2 && text[0] == '.' && text[1] == '.'))
        return err_of(ERR_MALFORMED, "writing a path");
    return escape_percent(into, text, len);
}

struct err escape_path(struct buf *into, const char *text, size_t len)
{
    struct err e = len ? err_ok() : err_of(ERR_MALFORMED, "writing a path");

    while (len > 0 && !failed(e)) {
        const char *slash = memchr(text, '/', len);
        size_t      part = slash ? (size_t)(slash - text) : len;

        e = escape_segment(into, text, part);
        if (slash && !failed(e))
            e = buf_add_byte(into, '/');
        part += slash != NULL;
        text += part;
        len -= part;
    }
    return e;
}

struct err escape_json(struct buf *into, const char *text, size_t len)
{
    struct err e = buf_add_byte(into, '"');

    for (size_t i = 0; i < len && !failed(e); i++) {
        char c = text[i];

        if (c == '"' || c == '\\')
            e = buf_printf(into, "\\%c", c);
        else if (c == '\n')
            e = buf_add_text(into, "\\n");
        else if (is_control(c))
            e = buf_printf(into, "\\u%04x", (unsigned char)c);
        else
            e = buf_add_byte(into, c);
    }
    return failed(e) ? e : buf_add_byte(into, '"');
}

static const char *escape_of(const struct language *language, char c)
{
    for (const char *const *at = language->escapes; at && *at; at += 2)
        if (at[0][0] == c)
            return at[1];
    return NULL;
}

struct err escape_language(struct buf *into, const struct language *language, bool bare, const char *text, size_t len)
{
    const char *quote = bare ? "" : language->quote;
    struct err  e = err_ok();

    if (len == 0 && language->quote[0])
        return err_of(ERR_MALFORMED, "an empty value in a query");
    if (len > language->max)
        return err_of(ERR_TOO_BIG, "a value too long for a query");
    e = buf_add_text(into, quote);
    for (size_t i = 0; i < len && !failed(e); i++) {
        const char *escape = escape_of(language, text[i]);

        if (escape)
            e = buf_add_text(into, escape);
        else if (strchr(language->strip, text[i]))
            continue;
        else
            e = buf_add_byte(into, is_control(text[i]) ? ' ' : text[i]);
    }
    return failed(e) ? e : buf_add_text(into, quote);
}

bool header_value_ok(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_control(text[i]))
            return false;
    return len <= HEADER_VALUE_MAX;
}

bool header_name_ok(const char *name)
{
    static const char *const ours[] = { "host",       "content-length", "transfer-encoding",
                                        "connection", "expect",         "upgrade",
                                        "te",         "trailer",        "cookie" };

    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (strcasecmp(name, ours[i]) == 0)
            return false;
    for (size_t i = 0; name[i]; i++)
        if (!is_alnum(name[i]) && !strchr("-_", name[i]))
            return false;
    return name[0] && strlen(name) < 64;
}

static bool port_ok(const char *text, size_t len)
{
    long port = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || i > 4)
            return false;
        port = port * 10 + (text[i] - '0');
    }
    return port > 0 && port < 65536;
}

static size_t name_len(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && (is_alnum(text[i]) || text[i] == '-' || text[i] == '.'))
        i++;
    return i;
}

bool host_ok(const char *text, size_t len)
{
    size_t name;

    if (len > 2 && text[0] == '[') {
        for (name = 1; name < len && (is_alnum(text[name]) || text[name] == ':' || text[name] == '.'); name++)
            ;
        if (name == len || text[name] != ']' || name < 3)
            return false;
        name++;
    } else {
        name = name_len(text, len);
        if (name == 0 || name > HOST_MAX || text[0] == '.' || text[0] == '-' || text[name - 1] == '-')
            return false;
        for (size_t i = 1; i < name; i++)
            if (text[i] == '.' && text[i - 1] == '.')
                return false;
    }
    return name == len || (text[name] == ':' && port_ok(text + name + 1, len - name - 1));
}

const char *url_host(const char *url, size_t *ret_len)
{
    const char *host = url + strlen("https://");

    *ret_len = strcspn(host, "/?");
    return host;
}

bool url_ok(const char *text, bool query_allowed)
{
    size_t      len;
    const char *host;

    if (strncmp(text, "https://", 8) != 0)
        return false;
    host = url_host(text, &len);
    if (!host_ok(host, len))
        return false;
    for (const char *at = host + len; *at; at++) {
        if (is_control(*at) || (unsigned char)*at >= 0x80 || strchr(" \"#<>\\^`{|}", *at))
            return false;
        if (*at == '?' && !query_allowed)
            return false;
        if (*at == '/' && at[1] == '.' && (strchr("/?", at[2]) || (at[2] == '.' && strchr("/?", at[3]))))
            return false;
    }
    return true;
}

/* Without a ":443" that changes nothing. */
static size_t plain_host_len(const char *host, size_t len)
{
    return len > 4 && memcmp(host + len - 4, ":443", 4) == 0 ? len - 4 : len;
}

bool url_same_host(const char *a, const char *b)
{
    size_t      a_len, b_len;
    const char *a_host = url_host(a, &a_len), *b_host = url_host(b, &b_len);

    a_len = plain_host_len(a_host, a_len);
    b_len = plain_host_len(b_host, b_len);
    return a_len == b_len && strncasecmp(a_host, b_host, a_len) == 0;
}
