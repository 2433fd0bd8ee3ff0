#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/connectors.h"
#include "agent/cli/limits.h"
#include "agent/cli/print.h"
#include "agent/cli/problems.h"
#include "agent/cli/rule_json.h"
#include "agent/cli/table.h"
#include "agent/config_check.h"
#include "agent/config_load.h"
#include "agent/paths.h"
#include "platform/buf.h"

enum { CONFIG, JSON, ONLINE };

static const struct option_row options[] = {
    [CONFIG] = { "config", 'c', "FILE", "the configuration to look at" },
    [JSON] = { "json", 'j', NULL, "`rules`: as JSON, as they would stand in a configuration" },
    [ONLINE] = { "online", 'o', NULL, "`check`: ask the upstreams too; creates nothing" },
    { 0 },
};

struct wish {
    const char *file; /* NULL: where it usually is; of `connectors`: the connector */
    bool        json, online;
};

/* ---- what has a configuration ---- */

struct loaded {
    struct config  *config;
    struct paths    paths;
    const char     *path; /* of a file that exists, or NULL */
    char            origin[FILE_PATH_BYTES + 64];
    struct problems problems;
};

static int say_failure(const char *what, struct err e)
{
    char text[200];

    fprintf(stderr, "picket config: %s%s%s\n", what, what[0] ? ": " : "", err_print(e, text, sizeof text));
    return EXIT_FAILED;
}

static int load(const struct wish *wish, struct loaded *into)
{
    const char *path = wish->file;
    struct err  e = paths_find(NULL, &into->paths);

    if (failed(e) && !path)
        return say_failure("", e);
    if (!path)
        path = into->paths.config;
    snprintf(into->origin, sizeof into->origin, "%s", path);
    e = config_load(path, wish->file != NULL, &into->problems, into->origin, sizeof into->origin, &into->config);
    into->path = plat_path_exists(path) ? path : NULL;
    if (!failed(e))
        return EXIT_DONE;
    if (into->problems.count == 0)
        return say_failure(path, e);
    problems_print(stderr, path, &into->problems);
    return EXIT_FAILED;
}

static void say_try(const char *upstream)
{
    fprintf(stderr, "asking %s ...\n", upstream);
}

static int do_check(const struct wish *wish)
{
    struct loaded l = { 0 };
    int           status = load(wish, &l);
    size_t        rules = 0;

    if (status != EXIT_DONE)
        return status;
    if (failed(config_check(l.config, l.path, &l.problems)) ||
        (wish->online && failed(config_check_online(l.config, &l.problems, say_try)))) {
        problems_print(stderr, l.path ? l.path : l.origin, &l.problems);
        status = EXIT_FAILED;
    } else {
        for (size_t i = 0; i < l.config->policy->count; i++)
            rules += l.config->policy->rules[i].enabled;
        printf("%s: good; %zu rule%s, %zu upstream%s%s\n", l.origin, rules, rules == 1 ? "" : "s",
               l.config->upstream_count, l.config->upstream_count == 1 ? "" : "s",
               wish->online ? ", each tried" : "");
    }
    config_free(&l.config);
    return status;
}

/* ---- rules ---- */

static void put_rule(struct table *t, const struct rule *rule)
{
    char            limit[LIMIT_MAX];
    enum table_tone tone = rule->enabled ? TABLE_PLAIN : TABLE_DIM;

    table_put(t, tone, rule->name);
    table_put(t, tone, limit_print(rule, &rule->warning, limit));
    table_put(t, tone, limit_print(rule, &rule->critical, limit));
    table_put(t, tone, rule->metric);
    table_put(t, tone, !rule->enabled ? "off" : rule->place ? "from the configuration" : "built in");
}

static struct err print_rules(const struct policy *policy)
{
    static const struct table_column columns[] = {
        { .title = "RULE" },
        { .title = "WARNING", .gives = true },
        { .title = "CRITICAL", .gives = true },
        { .title = "METRIC", .gives = true },
        { .title = "" },
    };
    struct table t;

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < policy->count; i++)
        put_rule(&t, &policy->rules[i]);
    return table_end(&t, stdout);
}

static int do_rules(const struct wish *wish)
{
    struct loaded l = { 0 };
    int           status = load(wish, &l);
    struct buf    text;
    struct err    e;

    if (status != EXIT_DONE)
        return status;
    buf_init(&text, 4 * 1024 * 1024);
    e = wish->json ? rules_json(l.config->policy, &text) : print_rules(l.config->policy);
    fputs(buf_text(&text), stdout);
    if (failed(e))
        status = say_failure("", e);
    buf_done(&text);
    config_free(&l.config);
    return status;
}

/* ---- what is printed from tables ---- */

static int print_text(struct err (*print)(struct buf *into))
{
    struct buf text;
    struct err e;

    buf_init(&text, 1024 * 1024);
    e = print(&text);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return failed(e) ? say_failure("", e) : EXIT_DONE;
}

static int do_example(const struct wish *wish)
{
    (void)wish;
    return print_text(config_example_print);
}

static int do_schema(const struct wish *wish)
{
    (void)wish;
    return print_text(config_schema_print);
}

static int do_reference(const struct wish *wish)
{
    (void)wish;
    return print_text(config_reference_print);
}

static int do_connectors(const struct wish *wish)
{
    struct err e = wish->file ? connector_show(wish->file) : connectors_list();

    return failed(e) ? say_failure(wish->file ? wish->file : "", e) : EXIT_DONE;
}

static const struct {
    const char *name;
    int (*run)(const struct wish *wish);
    bool takes_file;
} verbs[] = {
    { "check", do_check, true },     { "rules", do_rules, true },         { "connectors", do_connectors, true },
    { "example", do_example, false },
    { "schema", do_schema, false },  { "reference", do_reference, false },
};

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_config, .argc = argc, .argv = argv };
    struct wish        wish = { 0 };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        wish.json = wish.json || option == JSON;
        wish.online = wish.online || option == ONLINE;
        if (option == CONFIG)
            wish.file = scan.value;
    }
    if (scan.at == argc)
        return usage_error(&command_config, "what about it? check, rules, connectors, example, schema or reference");
    for (size_t v = 0; v < ARRAY_LEN(verbs); v++) {
        if (strcmp(verbs[v].name, argv[scan.at]) != 0)
            continue;
        scan.at++;
        if (scan.at < argc && verbs[v].takes_file && !wish.file)
            wish.file = argv[scan.at++];
        if (scan.at < argc)
            return usage_error(&command_config, "\"%s\" is one word too many", argv[scan.at]);
        return verbs[v].run(&wish);
    }
    return usage_error(&command_config, "\"%s\" is none of check, rules, connectors, example, schema and reference",
                       argv[scan.at]);
}

const struct command command_config = {
    .name = "config",
    .summary = "Check the configuration, and show what it can say.",
    .usage = "check|rules [FILE], connectors [NAME], example|schema|reference",
    .help = "check: is it right, and would it work here: connectors, their settings, files of secrets and certificates. "
            "Nothing goes over the network, but with --online: then each upstream is asked whether it takes the credentials "
            "and knows what the settings name.\n"
            "rules: the policy in force: the built-in rules with the configuration's changes.\n"
            "connectors: the ticket systems it can speak to; with a name, the settings of that one.\n"
            "example: a configuration with every setting at its default.\n"
            "schema: JSON Schema, for editors and other checkers.\n"
            "reference: every setting as a table (Markdown).\n"
            "\n"
            "Without FILE it is /etc/picket/picket.json, or the user's own in ~/.config/picket. Exit codes: 0 good, 1 "
            "mistakes, which standard error names.",
    .options = options,
    .run = run,
};
