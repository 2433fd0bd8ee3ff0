/* agent/cli/loaded.h - the configuration that a command was asked about, with where it came from.
 *
 * Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_LOADED_H
#define PICKET_AGENT_CLI_LOADED_H

#include "agent/cli/command.h"
#include "agent/paths.h"
#include "proto/config.h"

struct loaded {
    struct config  *config;
    struct paths    paths;
    const char     *path; /* of a file that exists, or NULL */
    char            origin[FILE_PATH_BYTES + 64];
    struct problems problems;
};

/* file: NULL where it usually is. Says what is wrong to standard error; EXIT_DONE or EXIT_FAILED. */
int loaded_open(const struct command *command, const char *file, struct loaded *into);

/* The built-in one, whatever files there are. */
int loaded_built_in(const struct command *command, struct loaded *into);

/* "picket COMMAND: WHAT: CAUSE" to standard error; returns EXIT_FAILED. */
int command_failed(const struct command *command, const char *what, struct err e);

#endif
