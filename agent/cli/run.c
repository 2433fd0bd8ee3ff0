#include <stdio.h>
#include <stdlib.h>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/control/answers.h"
#include "agent/warden.h"
#include "platform/terminal.h"

enum { CONFIG, STATE, SHOW, LOG_LEVEL };

static const struct option_row options[] = {
    [CONFIG] = { "config", 'c', "FILE", "the configuration; without it the usual file, or built-in defaults" },
    [STATE] = { "state", 0, "DIR", "keep everything in this folder" },
    [SHOW] = { "show", 0, NULL, "show figures, alerts and tickets in the terminal" },
    [LOG_LEVEL] = { "log-level", 0, "LEVEL", "error, warn, info or debug; without it the configuration's" },
    { 0 },
};

static void put(void *context, const struct record *record, const void *value)
{
    view_put(context, record, value);
}

/* On a terminal each round replaces the last; elsewhere only the first whole one is printed. */
static void draw(void *context, const struct agent_state *state)
{
    static const char        clear[] = "\033[H\033[2J";
    const bool               terminal = plat_terminal_columns(stdout) > 0;
    struct view              view;
    const struct answer_sink to = { put, &view };

    (void)context;
    if (!terminal && state->rounds != 2)
        return;
    if (terminal)
        fputs(clear, stdout);
    view_begin(&view, table_style_of(stdout), false);
    answer_agent(state, &to);
    answer_upstreams(state, &to);
    answer_alerts(state, &to);
    (void)answer_tickets(state, false, &to);
    answer_rules(state, &to);
    answer_collectors(state, &to);
    answer_figures(state, &to);
    view_end(&view, stdout);
    if (terminal)
        fputs("\nCtrl+C ends it.\n\n", stdout);
    fflush(stdout);
}

static int run(int argc, char **argv)
{
    struct option_scan    scan = { .command = &command_run, .argc = argc, .argv = argv };
    struct warden_options o = { 0 };
    enum log_level        level;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        if (option == CONFIG)
            o.config_path = scan.value;
        else if (option == STATE)
            o.state_override = scan.value;
        else if (option == SHOW)
            o.on_round = draw;
        else if (option == LOG_LEVEL)
            o.log_level = scan.value;
    }
    if (scan.at < argc)
        return usage_error(&command_run, "\"%s\" is one word too many", argv[scan.at]);
    if (o.log_level && !log_level_parse(o.log_level, &level))
        return usage_error(&command_run, "\"%s\" is none of error, warn, info, debug", o.log_level);
    return warden_run(&o);
}

const struct command command_run = {
    .name = "run",
    .summary = "Watch this machine, in the foreground.",
    .usage = "",
    .help =
        "Measures, evaluates the rules and brings each breach to the upstreams of the configuration as one ticket; "
        "without an upstream, to the local desk (see picket tickets). Ends on SIGTERM or Ctrl+C; SIGHUP reads the "
        "configuration again and keeps the running one if the new one is bad.\n"
        "\n"
        "Started by root it is the machine's agent; started by anyone else it is a trial in the user's own folders.",
    .options = options,
    .run = run,
};
