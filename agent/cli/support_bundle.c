#include <stdio.h>
#include <string.h>

#include "agent/bundle/bundle.h"
#include "agent/cli/command.h"
#include "agent/cli/loaded.h"
#include "platform/draft.h"

enum { CONFIG, STATE, OFFLINE };

static const struct option_row options[] = {
    [CONFIG] = { "config", 'c', "FILE", "the configuration, without its secrets" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    [OFFLINE] = { "offline", 0, NULL, "ask nothing over the network" },
    { 0 },
};

/* Where the archive goes to standard output, its contents are told on the other. */
static void on_file(void *context, const char *name, size_t bytes, const char *help)
{
    fprintf(context, "  %-20s %9zu  %s\n", name, bytes, help);
    fflush(context);
}

static struct err save(const char *path, const struct buf *tar)
{
    struct plat_draft *draft = NULL;
    struct err         e = plat_draft_open(path, &draft);

    if (!failed(e))
        e = plat_draft_write(draft, tar->data, tar->len);
    if (!failed(e))
        e = plat_draft_publish(&draft);
    plat_draft_discard(&draft);
    return e;
}

static struct err print(const struct buf *tar)
{
    if (fwrite(tar->data, 1, tar->len, stdout) == tar->len && fflush(stdout) == 0)
        return err_ok();
    return err_of(ERR_OS, "writing to standard output");
}

static int make(const struct bundle_options *wish, const char *file)
{
    const bool to_stdout = file && strcmp(file, "-") == 0;
    FILE      *talk = to_stdout ? stderr : stdout;
    char       name[BUNDLE_NAME_MAX], usual[BUNDLE_NAME_MAX + 8];
    struct buf tar;
    struct err e;

    bundle_name(name);
    snprintf(usual, sizeof usual, "%s.tar", name);
    file = file ? file : usual;
    buf_init(&tar, BUNDLE_MAX_BYTES);
    e = bundle_make(wish, name, on_file, talk, &tar);
    if (!failed(e))
        e = to_stdout ? print(&tar) : save(file, &tar);
    buf_done(&tar);
    if (failed(e))
        return command_failed(&command_support_bundle, to_stdout ? "" : file, e);
    if (!to_stdout)
        printf("\n%s is for you alone to read. Look into it before you send it: tar -xf %s\n", file, file);
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct option_scan    scan = { .command = &command_support_bundle, .argc = argc, .argv = argv };
    struct bundle_options wish = { .config = NULL };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        wish.offline = wish.offline || option == OFFLINE;
        if (option == CONFIG)
            wish.config = scan.value;
        if (option == STATE)
            wish.state = scan.value;
    }
    if (scan.at + 1 < argc)
        return usage_error(&command_support_bundle, "\"%s\" is one word too many", argv[scan.at + 1]);
    return make(&wish, scan.at < argc ? argv[scan.at] : NULL);
}

const struct command command_support_bundle = {
    .name = "support-bundle",
    .summary = "Pack what somebody needs to see who is to help, without secrets.",
    .usage = "[FILE]",
    .help =
        "One tar archive: version, status, check, doctor, rules, inventory without accounts, the configuration without "
        "what may be secret, the last lines of the log, and about.txt, which says what was left out. Without FILE it "
        "is "
        "picket-support-HOST-TIME.tar in this folder; \"-\" is standard output. Nobody else may read the file, and "
        "nothing "
        "is sent: look into it first.\n"
        "\n"
        "Run it as root to have all of it. It takes as long as the doctor.",
    .options = options,
    .run = run,
};
