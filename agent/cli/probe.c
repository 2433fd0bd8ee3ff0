#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/collect/diskline.h"

static void print(void *context, const struct plat_disk_health *disk)
{
    enum { LINE_MAX_BYTES = 2048 };
    struct buf line;

    (void)context;
    buf_init(&line, LINE_MAX_BYTES);
    if (!failed(diskline_print(disk, &line)))
        fputs(buf_text(&line), stdout);
    fflush(stdout); /* what one disk said is not lost when the next one keeps us waiting */
    buf_done(&line);
}

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_probe, .argc = argc, .argv = argv };
    char               text[160];
    struct err         e;

    if (option_next(&scan) == OPTION_EXIT)
        return scan.status;
    if (scan.at + 1 != argc || strcmp(argv[scan.at], "disks") != 0)
        return usage_error(&command_probe, "it takes one word: disks");
    e = plat_disk_health_probe(print, NULL);
    if (!failed(e))
        return EXIT_DONE;
    fprintf(stderr, "picket probe: %s\n", err_print(e, text, sizeof text));
    return EXIT_FAILED;
}

const struct command command_probe = {
    .name = "probe",
    .summary = "Ask the disks how they are; started by picket run every hour.",
    .usage = "disks",
    .help = "Prints one line a disk: what it told, or why it could not be asked. A disk that sleeps is left asleep.",
    .hidden = true,
    .run = run,
};
