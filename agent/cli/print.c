#include "agent/cli/print.h"

#include <string.h>

#include "platform/terminal.h"
#include "proto/json.h"
#include "proto/text.h"

enum { PROSE_COLUMNS = 100, FILE_COLUMNS = 80 };

static size_t prose_columns(FILE *out)
{
    size_t columns = plat_terminal_columns(out);

    if (columns == 0)
        return FILE_COLUMNS;
    return columns < PROSE_COLUMNS ? columns : PROSE_COLUMNS;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;

    for (; *text; text++)
        columns += (*text & 0xc0) != 0x80;
    return columns;
}

const char *text_tame(const char *text, char *into, size_t size)
{
    utf8_copy(into, size, text, strlen(text));
    text_blank_controls(into);
    return into;
}

/* One paragraph of len bytes, beginning in column `at`, later lines at `indent`. */
static void wrap(FILE *out, const char *text, size_t len, size_t at, size_t indent, size_t columns)
{
    bool begun = false;

    for (size_t i = 0; i < len;) {
        size_t word = strcspn(text + i, " \n");

        if (word > len - i)
            word = len - i;
        if (begun && at + 1 + word > columns) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            begun = false;
        }
        at += word + begun;
        fprintf(out, "%s%.*s", begun ? " " : "", (int)word, text + i);
        begun = true;
        i += word;
        i += i < len && text[i] == ' ';
    }
    fputc('\n', out);
}

void print_paragraphs(FILE *out, const char *text)
{
    size_t columns = prose_columns(out);

    while (*text) {
        size_t len = strcspn(text, "\n");

        if (*text == ' ')
            fprintf(out, "%.*s\n", (int)len, text);
        else
            wrap(out, text, len, 0, 0, columns);
        text += len;
        text += *text == '\n';
    }
}

void print_entry(FILE *out, const char *left, size_t indent, const char *text)
{
    size_t len = text_columns(left);

    if (len + 2 > indent)
        fprintf(out, "%s\n%*s", left, (int)indent, "");
    else
        fprintf(out, "%s%*s", left, (int)(indent - len), "");
    wrap(out, text, strlen(text), indent, indent, prose_columns(out));
}

void print_rest(FILE *out, size_t indent, const char *text)
{
    if (plat_terminal_columns(out) == 0)
        fprintf(out, "%s\n", text);
    else
        wrap(out, text, strlen(text), indent, indent, prose_columns(out));
}
