#include "packaging/manual/manual.h"

#include <ctype.h>
#include <string.h>

#include "agent/cli/command.h"

/* In "[show NUMBER | note NUMBER TEXT]" the words in small letters are typed as they stand. */
static void print_words_of_usage(FILE *out, const char *usage)
{
    static const char between[] = " []|().";

    while (*usage) {
        size_t len = strcspn(usage, between), small = 0;

        while (small < len && islower((unsigned char)usage[small]))
            small++;
        if (len > 0 && small == len)
            fprintf(out, " %.*s", (int)len, usage);
        usage += len;
        usage += strspn(usage, between);
    }
}

static void print_command(FILE *out, const struct command *c)
{
    fprintf(out, "    words[%s]=\"--help", c->name);
    for (const struct option_row *row = c->options; row && row->name; row++)
        fprintf(out, " --%s", row->name);
    print_words_of_usage(out, c->usage);
    fputs("\"\n", out);
    for (const struct option_row *row = c->options; row && row->name; row++) {
        if (!row->argument)
            continue;
        fprintf(out, "    argument[%s--%s]=%s\n", c->name, row->name, row->argument);
        if (row->letter)
            fprintf(out, "    argument[%s-%c]=%s\n", c->name, row->letter, row->argument);
    }
}

bool manual_completion(FILE *out)
{
    for (size_t i = 0; i < command_count; i++)
        if (!commands[i]->hidden)
            print_command(out, commands[i]);
    return true;
}
