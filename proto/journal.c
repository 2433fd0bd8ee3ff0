#include "proto/journal.h"

#include <stdio.h>
#include <string.h>

#include "proto/json.h"

enum { COUNT_BYTES = 8, IDENTIFIER_MAX = 64 };

struct field {
    const char *name, *value;
    size_t      name_len, len;
};

struct draft {
    struct field cursor, identifier, message;
};

static bool is_named(const struct field *f, const char *name)
{
    return f->name_len == strlen(name) && memcmp(f->name, name, f->name_len) == 0;
}

/* The value behind its name in a line of its own. False: it is cut; what there is of it stands in f. */
static bool take_counted(const char **at, const char *end, struct field *f)
{
    uint64_t len = 0;

    f->len = 0;
    if (end - *at < COUNT_BYTES)
        return false;
    for (int i = COUNT_BYTES; i-- > 0;)
        len = len << 8 | (unsigned char)(*at)[i];
    f->value = *at + COUNT_BYTES;
    f->len = (size_t)(end - f->value);
    if (len >= f->len)
        return false;
    f->len = (size_t)len;
    *at = f->value + len + 1; /* a line break follows */
    return true;
}

/* One field of an entry; an empty name ends it. */
static bool take_field(const char **at, const char *end, struct field *f)
{
    const char *line = *at, *stop = memchr(line, '\n', (size_t)(end - line)), *equals;

    *f = (struct field){ line, line, 0, 0 };
    equals = memchr(line, '=', (size_t)((stop ? stop : end) - line));
    if (equals) {
        f->name_len = (size_t)(equals - line);
        f->value = equals + 1;
        f->len = (size_t)((stop ? stop : end) - f->value);
    }
    if (!stop)
        return false;
    *at = stop + 1;
    if (equals || stop == line)
        return true;
    f->name_len = (size_t)(stop - line);
    return take_counted(at, end, f);
}

static void keep(struct draft *d, const struct field *f)
{
    if (is_named(f, "__CURSOR"))
        d->cursor = *f;
    else if (is_named(f, "MESSAGE") && !d->message.value)
        d->message = *f;
    else if (is_named(f, "SYSLOG_IDENTIFIER") && !d->identifier.value)
        d->identifier = *f;
}

/* It becomes an argument and a line of our own: what does not look like one is none. */
static void put_cursor(const struct field *f, char into[JOURNAL_CURSOR_MAX])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=;-";

    into[0] = '\0';
    if (!f->value || f->len >= JOURNAL_CURSOR_MAX)
        return;
    memcpy(into, f->value, f->len);
    into[f->len] = '\0';
    if (strlen(into) != f->len || into[0] == '-' || strspn(into, allowed) != f->len)
        into[0] = '\0';
}

static void put_line(const struct draft *d, char into[LOG_LINE_MAX + 1])
{
    char   raw[LOG_LINE_MAX];
    size_t len = 0, room;

    into[0] = '\0';
    if (!d->message.value)
        return;
    if (d->identifier.value)
        len = (size_t)snprintf(raw, sizeof raw,
                               "%.*s: ", (int)(d->identifier.len < IDENTIFIER_MAX ? d->identifier.len : IDENTIFIER_MAX),
                               d->identifier.value);
    room = sizeof raw - len;
    memcpy(raw + len, d->message.value, d->message.len < room ? d->message.len : room);
    len += d->message.len < room ? d->message.len : room;
    log_line_clean(raw, len, into);
}

bool journal_next(const char **at, const char *end, struct journal_entry *ret)
{
    const char  *here = *at;
    struct draft d = { 0 };
    struct field f;
    bool         whole = false;

    while (here < end && *here == '\n')
        here++;
    while (!whole && here < end) {
        bool taken = take_field(&here, end, &f);

        keep(&d, &f);
        if (!taken)
            break;
        whole = f.name_len == 0;
    }
    put_cursor(&d.cursor, ret->cursor);
    put_line(&d, ret->line);
    if (whole)
        *at = here;
    return whole;
}
