#include "packaging/manual/manual.h"

#include <string.h>

#include "platform/buf.h"
#include "proto/config.h"

enum { CELLS = 4 };

/* Cells as the reference has them: | `name` | value | default | meaning | */
static bool split_row(char *row, char *cells[CELLS])
{
    strsep(&row, "|");
    for (int i = 0; i < CELLS; i++) {
        char  *cell = strsep(&row, "|");
        size_t len;

        if (!cell || !row)
            return false;
        cell += strspn(cell, " ");
        len = strlen(cell);
        while (len > 0 && cell[len - 1] == ' ')
            cell[--len] = '\0';
        cells[i] = cell;
    }
    return true;
}

/* What Markdown sets as code needs no mark here. */
static void drop_backquotes(char *text)
{
    char *to = text;

    for (; *text; text++)
        if (*text != '`')
            *to++ = *text;
    *to = '\0';
}

static void print_setting(FILE *out, char *cells[CELLS])
{
    for (int i = 0; i < CELLS; i++)
        drop_backquotes(cells[i]);
    fputs(".It Cm ", out);
    manual_text(out, cells[0]);
    fputc('\n', out);
    manual_text(out, cells[3]);
    fputs(".\nValue: ", out);
    manual_text(out, cells[1]);
    if (cells[2][0] == '(') {
        fputs("; it must be given", out);
    } else if (cells[2][0]) {
        fputs("; default: ", out);
        manual_text(out, cells[2]);
    }
    fputs(".\n", out);
}

bool manual_settings(FILE *out)
{
    struct buf  text;
    char       *line, *rest = NULL, *cells[CELLS];
    int         number = 0;
    bool        good;

    buf_init(&text, 256 * 1024);
    good = !failed(config_reference_print(&text));
    for (line = good ? strtok_r(text.data, "\n", &rest) : NULL; line && good; line = strtok_r(NULL, "\n", &rest)) {
        if (number++ < 2)
            continue; /* the table's head */
        good = split_row(line, cells);
        if (good)
            print_setting(out, cells);
    }
    if (!good)
        fputs("picket-manual: the reference of the settings is not what was expected\n", stderr);
    buf_done(&text);
    return good;
}
