#include "agent/cli/command.h"
#include "agent/doctor/exam.h"

static int run(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return usage_error(&command_examine, "it takes no words");
    return exam_main();
}

const struct command command_examine = {
    .name = "examine",
    .summary = "The process that looks for one part of picket doctor; of no use alone.",
    .usage = "",
    .help = "",
    .hidden = true,
    .run = run,
};
