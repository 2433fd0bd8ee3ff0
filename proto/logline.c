#include "proto/logline.h"

#include <string.h>

#include "proto/text.h"

/* NULs stand where a file was cut to nothing while its writer went on at the old place. */
void log_line_clean(const char *raw, size_t len, char into[LOG_LINE_MAX + 1])
{
    while (len && *raw == '\0') {
        raw++;
        len--;
    }
    if (len && raw[len - 1] == '\r')
        len--;
    utf8_copy(into, LOG_LINE_MAX + 1, raw, len < LOG_LINE_MAX ? len : LOG_LINE_MAX);
    text_blank_controls(into);
}

static void tell(const char *raw, size_t len, log_line_fn *each, void *context)
{
    char line[LOG_LINE_MAX + 1];

    log_line_clean(raw, len, line);
    if (line[0])
        each(context, line);
}

static bool is_hole(const char *bytes, size_t len)
{
    return len && bytes[0] == '\0' && memcmp(bytes, bytes + 1, len - 1) == 0;
}

size_t log_lines_each(const char *bytes, size_t len, bool more, bool *beyond, log_line_fn *each, void *context)
{
    size_t at = 0;

    while (at < len) {
        const char *end = memchr(bytes + at, '\n', len - at);

        if (!end)
            break;
        if (!*beyond)
            tell(bytes + at, (size_t)(end - bytes) - at, each, context);
        *beyond = false;
        at = (size_t)(end - bytes) + 1;
    }
    if (*beyond)
        return len;
    if (at > 0 || !more)
        return at;
    if (is_hole(bytes, len))
        return len; /* its line begins behind it */
    tell(bytes, len, each, context);
    *beyond = true;
    return len;
}

static bool fits_any(const char *line, const char *const *globs)
{
    for (; globs && *globs; globs++)
        if (text_like(line, *globs))
            return true;
    return false;
}

bool log_line_fits(const struct config_log *log, const char *line)
{
    char   small[LOG_LINE_MAX + 1];
    size_t i = 0;

    if (log->ignore_case) {
        for (; i < LOG_LINE_MAX && line[i]; i++)
            small[i] = line[i] >= 'A' && line[i] <= 'Z' ? (char)(line[i] - 'A' + 'a') : line[i];
        small[i] = '\0';
        line = small;
    }
    return fits_any(line, log->match) && !fits_any(line, log->unmatch);
}
