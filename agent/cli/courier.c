#include "agent/cli/command.h"
#include "agent/upstream/courier.h"

enum { LOG_LEVEL };

static const struct option_row options[] = {
    [LOG_LEVEL] = { "log-level", 0, "LEVEL", "error, warn, info or debug" },
    { 0 },
};

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_courier, .argc = argc, .argv = argv };
    enum log_level     level = LOG_LEVEL_INFO;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        if (option == LOG_LEVEL && !log_level_parse(scan.value, &level))
            return usage_error(&command_courier, "\"%s\" is none of error, warn, info, debug", scan.value);
    }
    return courier_main(level);
}

const struct command command_courier = {
    .name = "courier",
    .summary = "The process that talks to the network; started by picket run, of no use alone.",
    .usage = "",
    .help = "",
    .options = options,
    .hidden = true,
    .run = run,
};
