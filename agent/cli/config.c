#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/connectors.h"
#include "agent/cli/loaded.h"
#include "agent/cli/problems.h"
#include "agent/cli/rules_list.h"
#include "agent/config_check.h"
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

static void say_try(const char *upstream)
{
    fprintf(stderr, "asking %s ...\n", upstream);
}

static int do_check(const struct wish *wish)
{
    struct loaded l = { 0 };
    int           status = loaded_open(&command_config, wish->file, &l);
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

static int do_rules(const struct wish *wish)
{
    struct loaded l = { 0 };
    int           status = loaded_open(&command_config, wish->file, &l);

    if (status != EXIT_DONE)
        return status;
    status = rules_list(&command_config, l.config->policy, wish->json);
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
    return failed(e) ? command_failed(&command_config, "", e) : EXIT_DONE;
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

    return failed(e) ? command_failed(&command_config, wish->file ? wish->file : "", e) : EXIT_DONE;
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
