/* Lines of a log in pieces, and what journalctl printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "proto/journal.h"
#include "proto/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(void *context, const char *line)
{
    static const char *const match[] = { "*a?b*c*", "*err*", NULL }, *const unmatch[] = { "**x*", NULL };
    const struct config_log  log = { .match = match, .unmatch = unmatch, .ignore_case = 1 };

    if (!line[0] || strlen(line) > LOG_LINE_MAX || !utf8_valid(line, strlen(line)))
        abort();
    *(size_t *)context += log_line_fits(&log, line);
}

static void read_lines(const char *bytes, size_t size, size_t piece)
{
    bool   beyond = false;
    size_t fits = 0, at = 0;

    while (at < size) {
        size_t len = size - at < piece ? size - at : piece;
        size_t used = log_lines_each(bytes + at, len, len == piece, &beyond, on_line, &fits);

        if (used > len || (used == 0 && len == piece))
            abort();
        if (used == 0)
            break;
        at += used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct journal_entry entry;
    const char                 *at = (const char *)data, *end = at + size, *before = at;

    while (journal_next(&at, end, &entry)) {
        if (at <= before || at > end || !utf8_valid(entry.line, strlen(entry.line)) || strchr(entry.cursor, ' '))
            abort();
        before = at;
    }
    read_lines((const char *)data, size, 16);
    read_lines((const char *)data, size, 8192);
    return 0;
}
