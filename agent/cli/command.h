/* agent/cli/command.h - the command line: one row a command.
 *
 * To add one: a file agent/cli/x.c with a const struct command, and its line in COMMAND_TABLE. Overview and help are
 * printed from these rows. Options are rows too; -h/--help is everywhere.
 * Exit codes: 0 done; 1 failed; 2 wrong usage. `check` has those of monitoring plugins (0 to 3).
 */
#ifndef PICKET_AGENT_CLI_COMMAND_H
#define PICKET_AGENT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct option_row {
    const char *name;     /* "json": --json */
    char        letter;   /* 'j', or 0 */
    const char *argument; /* "FILE", or NULL for a flag */
    const char *help;
};

struct command {
    const char              *name, *summary;
    const char              *usage;   /* "[show|note|close NUMBER] [TEXT]": after the options; "" for none */
    const char              *help;    /* paragraphs, lines unbroken; an indented line is an example */
    const struct option_row *options; /* ends with name NULL; may be NULL */
    bool                     hidden;  /* internal: not in the overview */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

// clang-format off
#define COMMAND_TABLE(X)    \
    X(run)                  \
    X(check)                \
    X(status)               \
    X(watch)                \
    X(metrics)              \
    X(tickets)              \
    X(inventory)            \
    X(config)               \
    X(rules)                \
    X(version)              \
    X(doctor)               \
    X(support_bundle)       \
    X(courier)              \
    X(examine)              \
    X(probe)
// clang-format on

#define X(name) extern const struct command command_##name;
COMMAND_TABLE(X)
#undef X

extern const struct command *const commands[];
extern const size_t                command_count;

/* Does what the command line says; returns the exit code of the process. */
int command_run_line(int argc, char **argv);

/* One option at a time: returns its index in command->options, OPTION_END (then argv[at] is the first operand, up to argc),
 * or OPTION_EXIT when help was printed or usage was wrong (then status is the exit code). value is lent from argv.
 * Options may stand before, between and after operands ("tickets show 3 --json"), which keep their order; after "--" all
 * are operands. Forms: --json, --config FILE, --config=FILE, -j, -c FILE, -cFILE, -jv. */
enum { OPTION_END = -1, OPTION_EXIT = -2 };
struct option_scan {
    const struct command *command;
    int                   argc;
    char                **argv;
    int                   at; /* zero: begin */
    const char           *value;
    int                   status;

    int         operands; /* the rest is option_next's own */
    bool        only_operands;
    const char *cluster;
};
int option_next(struct option_scan *scan);

/* "picket check: CAUSE\nRemedy.\n" to standard error; returns EXIT_USAGE. */
int usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
