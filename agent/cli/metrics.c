#include <stdio.h>

#include "agent/cli/command.h"
#include "agent/control/ask.h"

enum { STATE };

static const struct option_row options[] = {
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    { 0 },
};

static void on_answer(void *context, const struct record *record, const void *value)
{
    (void)context;
    if (record == &talk_text_record)
        fputs(((const struct talk_text *)value)->text, stdout);
}

static int run(int argc, char **argv)
{
    struct option_scan    scan = { .command = &command_metrics, .argc = argc, .argv = argv };
    const struct talk_ask nothing = { 0 };
    const char           *state = NULL;
    char                  why[ASK_WHY_MAX];

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        state = scan.value;
    }
    if (scan.at < argc)
        return usage_error(&command_metrics, "\"%s\" is one word too many", argv[scan.at]);
    if (!failed(ask_agent(state, TALK_METRICS, &nothing, on_answer, NULL, why)))
        return EXIT_DONE;
    fprintf(stderr, "picket metrics: %s\n", why);
    return EXIT_FAILED;
}

const struct command command_metrics = {
    .name = "metrics",
    .summary = "Print what the running agent measures, as Prometheus reads it.",
    .usage = "",
    .help = "The newest value of every figure, in Prometheus' text format; names and units are made by OpenTelemetry's "
            "rules "
            "for Prometheus. Needs no rights beyond a local account. Exit code 1 when no agent answers.\n"
            "\n"
            "With \"metrics\": { \"socket\": true } in the configuration a scraper has the same from a local socket:\n"
            "  curl --unix-socket /run/picket/metrics.sock http://picket/metrics",
    .options = options,
    .run = run,
};
