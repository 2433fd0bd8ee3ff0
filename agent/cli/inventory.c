#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/inventory_changes.h"
#include "agent/cli/inventory_text.h"
#include "agent/inventory/gather.h"
#include "agent/replay/words.h"
#include "platform/clock.h"

enum { JSON, SECTION, DIFF, SINCE, TAKE, STATE };

static const struct option_row options[] = {
    [JSON] = { "json", 'j', NULL, "as JSON (proto/schema/inventory.schema.json)" },
    [SECTION] = { "section", 0, "NAME", "one part of it: packages, users, disks, ..." },
    [DIFF] = { "diff", 0, NULL, "what changed since the agent took its last one" },
    [SINCE] = { "since", 0, "TIME", "what changed from then on, as the agent saw it: 3d, 2026-11-30, 2026-11-30T02:14:00Z" },
    [TAKE] = { "take", 0, NULL, "have the running agent take one now" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    { 0 },
};

struct output {
    bool                  json;
    int                   only;
    struct inventory_text text;
    struct inventory_json out;
};

static bool put_row(void *context, int section, const char *row)
{
    struct output *o = context;

    if (o->json)
        inventory_json_row(&o->out, section, row);
    else
        inventory_text_row(&o->text, section, row);
    return true;
}

static struct err print_document(struct output *o, const struct inventory *d)
{
    struct json_put j;
    struct buf      text;
    struct err      e = err_ok();

    buf_init(&text, 4 * INVENTORY_DOCUMENT_MAX);
    if (o->json) {
        json_put_begin(&j, &text, true);
        inventory_json_begin(&o->out, &j, o->only);
        inventory_each(d, put_row, o);
        inventory_json_end(&o->out);
        e = json_put_done(&j);
        if (!failed(e))
            fputs(buf_text(&text), stdout);
    } else {
        inventory_text_begin(&o->text, stdout, o->only);
        inventory_each(d, put_row, o);
        inventory_text_end(&o->text);
    }
    buf_done(&text);
    return e;
}

static int gather_and_print(struct output *o)
{
    struct inventory d;
    struct err       e;
    char             text[160];

    inventory_init(&d);
    e = inventory_gather("", &d);
    if (!failed(e))
        e = print_document(o, &d);
    inventory_done(&d);
    if (failed(e))
        fprintf(stderr, "picket inventory: %s\n", err_print(e, text, sizeof text));
    return failed(e) ? EXIT_FAILED : EXIT_DONE;
}

/* "3d" is three days ago; a date begins at midnight, UTC. */
static bool parse_since(const char *text, int64_t *ret_ms)
{
    char     midnight[64];
    uint64_t ago_ms;

    if (word_duration(text, &ago_ms)) {
        *ret_ms = plat_clock_wall_ms() - (int64_t)ago_ms;
        if (*ret_ms < 0)
            *ret_ms = 0;
        return true;
    }
    snprintf(midnight, sizeof midnight, "%.40sT00:00:00Z", text);
    return word_time(text, ret_ms) || word_time(midnight, ret_ms);
}

static int run(int argc, char **argv)
{
    struct option_scan   scan = { .command = &command_inventory, .argc = argc, .argv = argv };
    struct changes_asked asked = { .json = false };
    bool                 given[ARRAY_LEN(options)] = { false };
    int64_t              since_ms = 0;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        given[option] = true;
        if (option == SECTION && !(asked.only = inventory_section_of(scan.value)))
            return usage_error(&command_inventory, "there is no section \"%s\"", scan.value);
        if (option == SINCE && !parse_since(scan.value, &since_ms))
            return usage_error(&command_inventory, "\"%s\" is no time: 3d, 2026-11-30, 2026-11-30T02:14:00Z", scan.value);
        if (option == STATE)
            asked.state = scan.value;
    }
    asked.json = given[JSON];
    if (scan.at < argc)
        return usage_error(&command_inventory, "\"%s\" is one word too many", argv[scan.at]);
    if (given[DIFF] + given[SINCE] + given[TAKE] > 1)
        return usage_error(&command_inventory, "--diff, --since and --take: one of them");
    if (given[DIFF])
        return changes_until_now(&asked);
    if (given[SINCE])
        return changes_since(&asked, since_ms);
    if (given[TAKE])
        return changes_look_again(&asked);
    return gather_and_print(&(struct output){ .json = asked.json, .only = asked.only });
}

const struct command command_inventory = {
    .name = "inventory",
    .summary = "Show what this machine is made of, what is installed on it and who may use it.",
    .usage = "",
    .help =
        "Reads the machine's own files: firmware tables, the kernel's, the package managers' databases (dpkg, rpm, "
        "apk, "
        "flatpak, snap), accounts, services. What the user may not read, or what could not be understood, is listed "
        "first, under \"incomplete\", with the reason; nothing is made up for it.\n"
        "\n"
        "Sections: system, environment, os, boot, processor, memory, memory_modules, disks, interfaces, network, "
        "users, "
        "groups, administrators, services, packages. Passwords are told as set, locked or empty, and never read out.\n"
        "\n"
        "The running agent takes an inventory once a day (collect.inventory_hours) and keeps the last one and what changed: "
        "--diff and --since show that; + came, - went. Serial numbers and the state of passwords are for the administrator "
        "and the agent's own user alone.\n"
        "\n"
        "    picket inventory --diff\n"
        "    picket inventory --since 7d --section packages",
    .options = options,
    .run = run,
};
