#include "packaging/manual/manual.h"

#include <string.h>

#include "agent/cli/command.h"

/* Where a line may break mdoc begins a new one; what mdoc would take for a macro gets a zero-width blank before it. */
void manual_text(FILE *out, const char *text)
{
    bool begins = true;

    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        begins = *text == '\n';
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

/* Lines as the command line has them: each is a paragraph, an indented one an example. */
static void print_help(FILE *out, const char *help)
{
    char line[2048];

    while (*help) {
        size_t len = strcspn(help, "\n");

        snprintf(line, sizeof line, "%.*s", (int)len, help);
        if (len > 0) {
            fputs(line[0] == ' ' ? ".Dl " : ".Pp\n", out);
            manual_text(out, line + strspn(line, " "));
            fputc('\n', out);
        }
        help += len + (help[len] == '\n');
    }
}

static void print_options(FILE *out, const struct option_row *row)
{
    fputs(".Bl -tag -width Ds -compact\n", out);
    for (; row && row->name; row++) {
        fputs(".It ", out);
        if (row->letter)
            fprintf(out, "Fl %c , ", row->letter);
        fputs("Fl Fl ", out);
        manual_text(out, row->name);
        if (row->argument)
            fprintf(out, " Ar %s", row->argument);
        fputc('\n', out);
        manual_text(out, row->help);
        fputc('\n', out);
    }
    fputs(".It Fl h , Fl Fl help\nshow what the command takes\n.El\n", out);
}

bool manual_commands(FILE *out)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = commands[i];

        if (c->hidden)
            continue;
        fprintf(out, ".Ss picket %s", c->name);
        if (c->usage[0])
            fputc(' ', out);
        manual_text(out, c->usage);
        fputc('\n', out);
        manual_text(out, c->summary);
        fputc('\n', out);
        print_help(out, c->help ? c->help : "");
        fputs(".Pp\n", out);
        print_options(out, c->options);
    }
    return true;
}
