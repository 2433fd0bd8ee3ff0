#include "agent/cli/loaded.h"

#include <stdio.h>

#include "agent/cli/problems.h"
#include "agent/config_load.h"
#include "agent/rule/rules.h"

int command_failed(const struct command *command, const char *what, struct err e)
{
    char text[200];

    fprintf(stderr, "picket %s: %s%s%s\n", command->name, what, what[0] ? ": " : "", err_print(e, text, sizeof text));
    return EXIT_FAILED;
}

int loaded_open(const struct command *command, const char *file, struct loaded *into)
{
    const char *path = file;
    struct err  e = paths_find(NULL, &into->paths);

    if (failed(e) && !path)
        return command_failed(command, "", e);
    if (!path)
        path = into->paths.config;
    snprintf(into->origin, sizeof into->origin, "%s", path);
    e = config_load(path, file != NULL, &into->problems, into->origin, sizeof into->origin, &into->config);
    into->path = plat_path_exists(path) ? path : NULL;
    if (!failed(e))
        return EXIT_DONE;
    if (into->problems.count == 0)
        return command_failed(command, path, e);
    problems_print(stderr, path, &into->problems);
    return EXIT_FAILED;
}

int loaded_built_in(const struct command *command, struct loaded *into)
{
    struct err e = config_parse("{}", 2, default_rules, default_rule_count, &into->problems, &into->config);

    snprintf(into->origin, sizeof into->origin, "the built-in policy");
    return failed(e) ? command_failed(command, "", e) : EXIT_DONE;
}
