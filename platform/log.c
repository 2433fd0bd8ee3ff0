#include "platform/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_MAX_BYTES = 2048 };

/* The numbers are syslog's (RFC 5424, table 2), which the journal reads from "<N>". */
static const struct {
    const char *name;
    int         syslog;
} levels[] = {
    [LOG_LEVEL_ERROR] = { "error", 3 },
    [LOG_LEVEL_WARN] = { "warn", 4 },
    [LOG_LEVEL_INFO] = { "info", 6 },
    [LOG_LEVEL_DEBUG] = { "debug", 7 },
};

static struct {
    const char    *name;
    enum log_level level;
    bool           to_journal;
} the_log = { "picket", LOG_LEVEL_INFO, false };

void log_open(const char *name, enum log_level level)
{
    the_log.name = name;
    the_log.level = level;
    the_log.to_journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_set_level(enum log_level level)
{
    the_log.level = level;
}

bool log_level_parse(const char *text, enum log_level *ret)
{
    for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
        if (strcmp(levels[i].name, text) == 0) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static size_t add_prefix(char *line, size_t size, enum log_level level, const char *about)
{
    char      now[32] = "";
    time_t    t = time(NULL);
    struct tm tm;
    int       n;

    if (the_log.to_journal)
        n = snprintf(line, size, "<%d>%s: %s: ", levels[level].syslog, the_log.name, about);
    else {
        if (localtime_r(&t, &tm))
            strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S%z", &tm);
        n = snprintf(line, size, "%s %s %s %s: ", now, the_log.name, levels[level].name, about);
    }
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static void put(enum log_level level, const char *about, const char *format, va_list args)
{
    char   text[LINE_MAX_BYTES], line[LINE_MAX_BYTES + 256];
    size_t len;

    if (level > the_log.level)
        return;
    vsnprintf(text, sizeof text, format, args);
    len = add_prefix(line, sizeof line - 2, level, about);
    for (const unsigned char *p = (const unsigned char *)text; *p && len < sizeof line - 8; p++) {
        if (*p < 0x20 || *p == 0x7f)
            len += (size_t)snprintf(line + len, sizeof line - len, "\\x%02x", *p);
        else
            line[len++] = (char)*p;
    }
    line[len++] = '\n';
    fwrite(line, 1, len, stderr); /* one write: lines of two processes do not mix */
}

void log_error(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_LEVEL_ERROR, about, format, args);
    va_end(args);
}

void log_warn(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_LEVEL_WARN, about, format, args);
    va_end(args);
}

void log_info(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_LEVEL_INFO, about, format, args);
    va_end(args);
}

void log_debug(const char *about, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(LOG_LEVEL_DEBUG, about, format, args);
    va_end(args);
}
