#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/history.h"
#include "agent/cli/print.h"
#include "agent/cli/rules_list.h"
#include "agent/cli/rules_test.h"

enum { ON, JSON, STATE };

static const struct option_row options[] = {
    [ON] = { "on", 'o', "TRACE",
             "`test`: what to try it on: a file, - for standard input, or `history`: what this machine recorded" },
    [JSON] = { "json", 'j', NULL, "as JSON" },
    [STATE] = { "state", 0, "DIR", "`record` and `history`: of the agent whose state folder this is" },
    { 0 },
};

/* Beside those of every command. */
enum { EXIT_OTHERWISE = 3 };

struct wish {
    const char *file; /* NULL: not given */
    const char *on, *state;
    bool        json;
};

static int do_list(const struct wish *wish)
{
    struct loaded l = { 0 };
    int           status = loaded_open(&command_rules, wish->file, &l);

    if (status == EXIT_DONE)
        status = rules_list(&command_rules, l.config->policy, wish->json);
    if (l.config)
        config_free(&l.config);
    return status;
}

/* ---- test ---- */

static struct err feed_file(FILE *file, struct replay *replay)
{
    char       bytes[16384];
    size_t     len;
    struct err e = err_ok();

    while (!failed(e) && (len = fread(bytes, 1, sizeof bytes, file)) > 0)
        e = replay_feed(replay, bytes, len);
    if (!failed(e) && ferror(file))
        e = err_of(ERR_OS, "reading it");
    return e;
}

static struct err feed_text(void *context, const char *text, size_t len)
{
    return replay_feed(context, text, len);
}

static struct err feed(const char *on, struct replay *replay, bool *ret_of_trace)
{
    FILE      *file = strcmp(on, "-") == 0 ? stdin : fopen(on, "rb");
    struct err e;

    *ret_of_trace = false;
    if (!file)
        return err_of(ERR_NOT_FOUND, "opening it");
    e = feed_file(file, replay);
    *ret_of_trace = failed(e) && !ferror(file);
    if (file != stdin)
        fclose(file);
    return e;
}

static int judge(const struct replay_result *r)
{
    return r->missed || r->too_many ? EXIT_OTHERWISE : EXIT_DONE;
}

static int play(const struct wish *wish, const struct loaded *l, struct replay *replay)
{
    bool                 recorded = strcmp(wish->on, "history") == 0, of_trace = true;
    struct rules_test    test = { .policy = l->origin, .trace = strcmp(wish->on, "-") == 0 ? "standard input" : wish->on };
    struct replay_result result;
    struct err           e = err_ok();

    if (recorded && history_write(&command_rules, wish->state, feed_text, replay) != EXIT_DONE)
        return EXIT_FAILED;
    if (!recorded)
        e = feed(wish->on, replay, &of_trace);
    if (failed(e) && !of_trace)
        return command_failed(&command_rules, test.trace, e);
    if (!failed(e))
        e = replay_end(replay, &result);
    if (failed(e)) {
        char tamed[2 * TRACE_WHY_MAX];

        fprintf(stderr, "picket rules: %s: %s\n", test.trace, text_tame(replay_why(replay), tamed, sizeof tamed));
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < l->config->policy->count; i++)
        test.rules += l->config->policy->rules[i].enabled;
    e = wish->json ? rules_test_json(&test, &result) : rules_test_print(&test, &result);
    return failed(e) ? command_failed(&command_rules, "", e) : judge(&result);
}

static int do_test(const struct wish *wish)
{
    struct loaded  l = { 0 };
    struct replay *replay = NULL;
    int            status;
    struct err     e;

    if (!wish->on)
        return usage_error(&command_rules, "test needs a trace: --on FILE");
    status = wish->file ? loaded_open(&command_rules, wish->file, &l) : loaded_built_in(&command_rules, &l);
    if (status == EXIT_DONE) {
        const struct replay_options o = { .policy = l.config->policy,
                                          .device_name = l.config->device_name,
                                          .remind_hours = l.config->remind_hours,
                                          .storm = { l.config->storm_alerts, l.config->storm_min * 60 } };

        e = replay_new(&o, &replay);
        status = failed(e) ? command_failed(&command_rules, "", e) : play(wish, &l, replay);
    }
    replay_free(&replay);
    if (l.config)
        config_free(&l.config);
    return status;
}

/* ---- record ---- */

static struct err print_text(void *context, const char *text, size_t len)
{
    return fwrite(text, 1, len, context) == len ? err_ok() : err_of(ERR_OS, "writing the trace");
}

static int do_record(const struct wish *wish)
{
    return history_write(&command_rules, wish->state, print_text, stdout);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    int (*run)(const struct wish *wish);
    bool takes_file;
} verbs[] = {
    { "list", do_list, true },
    { "test", do_test, true },
    { "record", do_record, false },
};

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_rules, .argc = argc, .argv = argv };
    struct wish        wish = { 0 };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        wish.json = wish.json || option == JSON;
        if (option == ON)
            wish.on = scan.value;
        if (option == STATE)
            wish.state = scan.value;
    }
    if (scan.at == argc)
        return usage_error(&command_rules, "what about them? list, test or record");
    for (size_t v = 0; v < ARRAY_LEN(verbs); v++) {
        if (strcmp(verbs[v].name, argv[scan.at]) != 0)
            continue;
        scan.at++;
        if (scan.at < argc && verbs[v].takes_file)
            wish.file = argv[scan.at++];
        if (scan.at < argc)
            return usage_error(&command_rules, "\"%s\" is one word too many", argv[scan.at]);
        return verbs[v].run(&wish);
    }
    return usage_error(&command_rules, "\"%s\" is none of list, test and record", argv[scan.at]);
}

const struct command command_rules = {
    .name = "rules",
    .summary = "Show the rules in force; try a policy on what happened before.",
    .usage = "list [FILE] | test [FILE] --on TRACE | record",
    .help = "list: the built-in rules with the configuration's changes. FILE is a configuration; without it the one in use.\n"
            "test: which alerts the policy would have made of a trace, when, and how many tickets; beside it, how many a "
            "bare threshold would have made. FILE is a configuration, or just its \"rules\"; without it the built-in policy. "
            "Nothing of this machine is read or changed, and nobody is told.\n"
            "\n"
            "record: what this machine recorded in the last three days, as a trace; `test --on history` tries a policy on it "
            "at once. The running agent is asked; where none runs, its database is read, by whoever may.\n"
            "\n"
            "A trace is a text that says what a machine went through: docs/traces.md explains it. It can also say what tickets "
            "it deserves.\n"
            "\n"
            "Exit codes: 0 done; 1 a mistake in FILE or TRACE, which standard error names; 2 wrong usage; 3 other tickets than "
            "the trace says it deserves.",
    .options = options,
    .run = run,
};
