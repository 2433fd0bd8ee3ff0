#include "platform/linux/scan.h"

#include <string.h>

static struct scan take(struct scan *from, size_t len, size_t skip)
{
    struct scan part = { from->at, len };

    if (len + skip) { /* nothing may be left of nowhere */
        from->at += len + skip;
        from->len -= len + skip;
    }
    return part;
}

bool scan_until(struct scan *text, char mark, struct scan *ret_part)
{
    const char *found = text->len ? memchr(text->at, mark, text->len) : NULL;

    if (!found)
        return false;
    *ret_part = take(text, (size_t)(found - text->at), 1);
    return true;
}

bool scan_line(struct scan *text, struct scan *ret_line)
{
    if (text->len == 0)
        return false;
    if (!scan_until(text, '\n', ret_line))
        *ret_line = take(text, text->len, 0);
    return true;
}

bool scan_word(struct scan *line, struct scan *ret_word)
{
    size_t from = 0, to;

    while (from < line->len && (line->at[from] == ' ' || line->at[from] == '\t'))
        from++;
    to = from;
    while (to < line->len && line->at[to] != ' ' && line->at[to] != '\t')
        to++;
    take(line, from, 0);
    *ret_word = take(line, to - from, 0);
    return ret_word->len > 0;
}

bool scan_field(struct scan *line, struct scan *ret_field)
{
    if (!line->at)
        return false;
    if (scan_until(line, ' ', ret_field))
        return true;
    *ret_field = take(line, line->len, 0);
    line->at = NULL; /* the last field was taken; an empty rest would be one more */
    return true;
}

bool scan_u64(struct scan *line, uint64_t *ret)
{
    struct scan word;
    uint64_t    value = 0;

    if (!scan_word(line, &word))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        unsigned digit = (unsigned)word.at[i] - '0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

bool scan_u64s(struct scan *line, uint64_t *ret, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!scan_u64(line, &ret[i]))
            return false;
    return true;
}

bool scan_decimal(struct scan *line, double *ret)
{
    enum { DIGITS_MAX = 18 };
    struct scan word;
    uint64_t    value = 0, scale = 1;
    size_t      digits = 0;
    bool        dot = false;

    if (!scan_word(line, &word))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        unsigned digit = (unsigned)word.at[i] - '0';

        if (word.at[i] == '.' && !dot) {
            dot = true;
            continue;
        }
        if (digit > 9 || ++digits > DIGITS_MAX)
            return false;
        value = value * 10 + digit;
        scale *= dot ? 10 : 1;
    }
    if (digits == 0)
        return false;
    *ret = (double)value / (double)scale;
    return true;
}

bool scan_is(struct scan part, const char *text)
{
    return part.len == strlen(text) && memcmp(part.at, text, part.len) == 0;
}

bool scan_begins(struct scan part, const char *text)
{
    size_t len = strlen(text);

    return part.len >= len && memcmp(part.at, text, len) == 0;
}

bool scan_lists(struct scan list, const char *text)
{
    struct scan part;

    while (scan_until(&list, ',', &part))
        if (scan_is(part, text))
            return true;
    return scan_is(list, text);
}

bool scan_copy(struct scan part, char *into, size_t size)
{
    if (part.len >= size || (part.len && memchr(part.at, '\0', part.len)))
        return false;
    if (part.len)
        memcpy(into, part.at, part.len);
    into[part.len] = '\0';
    return true;
}
