#include "agent/cli/command.h"
#include "platform/log.h"

int main(int argc, char **argv)
{
    log_open("picket", LOG_LEVEL_INFO);
    return command_run_line(argc, argv);
}
