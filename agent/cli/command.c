#include "agent/cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/cli/print.h"
#include "platform/buf.h"
#include "proto/nearest.h"

const struct command *const commands[] = {
#define X(name) &command_##name,
    COMMAND_TABLE(X)
#undef X
};
const size_t command_count = ARRAY_LEN(commands);

enum { HELP_INDENT = 24 };

static const struct option_row no_options[] = { { 0 } };

static const struct option_row *options_of(const struct command *command)
{
    return command->options ? command->options : no_options;
}

static void print_option(FILE *out, const struct option_row *row)
{
    char left[80];
    char letter[8] = "    ";

    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    print_entry(out, left, HELP_INDENT, row->help);
}

static void print_command_help(FILE *out, const struct command *command)
{
    fprintf(out, "usage: picket %s [OPTIONS]%s%s\n\n", command->name,
            command->usage[0] ? " " : "", command->usage);
    print_paragraphs(out, command->summary);
    fputc('\n', out);
    for (const struct option_row *row = options_of(command); row->name; row++)
        print_option(out, row);
    print_entry(out, "  -h, --help", HELP_INDENT, "show this");
    if (command->help && command->help[0]) {
        fputc('\n', out);
        print_paragraphs(out, command->help);
    }
}

static void print_overview(FILE *out)
{
    char left[80];

    fputs("usage: picket COMMAND [OPTIONS]\n\n", out);
    for (size_t i = 0; i < command_count; i++) {
        if (commands[i]->hidden)
            continue;
        snprintf(left, sizeof left, "  %s", commands[i]->name);
        print_entry(out, left, HELP_INDENT, commands[i]->summary);
    }
    fputs("\nMore: picket COMMAND --help\n", out);
}

int usage_error(const struct command *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "picket%s%s: ", command ? " " : "", command ? command->name : "");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    if (command)
        fprintf(stderr, "\nSee: picket %s --help\n", command->name);
    else
        fputs("\nSee: picket --help\n", stderr);
    return EXIT_USAGE;
}

/* ---- options ---- */

static int stop(struct option_scan *scan, int status)
{
    scan->status = status;
    return OPTION_EXIT;
}

static int help_wanted(struct option_scan *scan)
{
    print_command_help(stdout, scan->command);
    return stop(scan, EXIT_DONE);
}

/* The word at `at` becomes the last one, behind the operands found before. */
static void set_aside(struct option_scan *scan)
{
    char *word = scan->argv[scan->at];

    memmove(&scan->argv[scan->at], &scan->argv[scan->at + 1],
            (size_t)(scan->argc - scan->at - 1) * sizeof word);
    scan->argv[scan->argc - 1] = word;
    scan->operands++;
}

static bool words_left(const struct option_scan *scan)
{
    return scan->at < scan->argc - scan->operands;
}

/* inline_value: what stood in the same word, or NULL. */
static int take(struct option_scan *scan, int index, const char *inline_value)
{
    const struct option_row *row = &options_of(scan->command)[index];

    scan->value = inline_value;
    if (row->argument && !inline_value) {
        if (!words_left(scan))
            return stop(scan, usage_error(scan->command, "--%s needs a %s", row->name,
                                          row->argument));
        scan->value = scan->argv[scan->at++];
    }
    return index;
}

static int unknown_option(struct option_scan *scan, const char *name, size_t len)
{
    struct nearest           best = nearest_begin(name, len);
    const struct option_row *rows = options_of(scan->command);

    for (; rows->name; rows++)
        nearest_offer(&best, rows->name);
    nearest_offer(&best, "help");
    if (best.found)
        return stop(scan, usage_error(scan->command, "there is no --%.*s; --%s perhaps?", (int)len,
                                      name, best.found));
    return stop(scan, usage_error(scan->command, "there is no --%.*s", (int)len, name));
}

static int long_option(struct option_scan *scan, const char *word)
{
    const struct option_row *rows = options_of(scan->command);
    const char              *equals = strchr(word, '=');
    size_t                   len = equals ? (size_t)(equals - word) : strlen(word);

    scan->at++;
    if (strcmp(word, "help") == 0)
        return help_wanted(scan);
    for (int i = 0; rows[i].name; i++) {
        if (strlen(rows[i].name) != len || strncmp(rows[i].name, word, len) != 0)
            continue;
        if (equals && !rows[i].argument)
            return stop(scan, usage_error(scan->command, "--%s takes no value", rows[i].name));
        return take(scan, i, equals ? equals + 1 : NULL);
    }
    return unknown_option(scan, word, len);
}

static int short_option(struct option_scan *scan)
{
    const struct option_row *rows = options_of(scan->command);
    char                     letter = *scan->cluster++;
    const char              *rest = *scan->cluster ? scan->cluster : NULL;

    if (!rest) {
        scan->cluster = NULL;
        scan->at++;
    }
    if (letter == 'h')
        return help_wanted(scan);
    for (int i = 0; rows[i].name; i++) {
        if (rows[i].letter != letter)
            continue;
        if (rows[i].argument && rest) {
            scan->cluster = NULL;
            scan->at++;
        }
        return take(scan, i, rows[i].argument ? rest : NULL);
    }
    return stop(scan, usage_error(scan->command, "there is no -%c", letter));
}

int option_next(struct option_scan *scan)
{
    if (scan->at == 0)
        scan->at = 1;
    scan->value = NULL;
    if (scan->cluster)
        return short_option(scan);
    while (words_left(scan)) {
        const char *word = scan->argv[scan->at];

        if (scan->only_operands || word[0] != '-' || word[1] == '\0') {
            set_aside(scan);
        } else if (strcmp(word, "--") == 0) {
            scan->only_operands = true;
            scan->at++;
        } else if (word[1] == '-') {
            return long_option(scan, word + 2);
        } else {
            scan->cluster = word + 1;
            return short_option(scan);
        }
    }
    return OPTION_END;
}

/* ---- the line ---- */

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    struct nearest best = nearest_begin(name, strlen(name));

    for (size_t i = 0; i < command_count; i++)
        if (!commands[i]->hidden)
            nearest_offer(&best, commands[i]->name);
    if (best.found)
        return usage_error(NULL, "there is no command \"%s\"; \"%s\" perhaps?", name, best.found);
    return usage_error(NULL, "there is no command \"%s\"", name);
}

static int show_help(int argc, char **argv)
{
    const struct command *command = argc > 2 ? find(argv[2]) : NULL;

    if (argc > 2 && !command)
        return unknown_command(argv[2]);
    if (command)
        print_command_help(stdout, command);
    else
        print_overview(stdout);
    return EXIT_DONE;
}

int command_run_line(int argc, char **argv)
{
    const char           *name = argc > 1 ? argv[1] : NULL;
    const struct command *command;

    if (!name) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return show_help(argc, argv);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    command = find(name);
    if (!command)
        return unknown_command(name);
    return command->run(argc - 1, argv + 1);
}
