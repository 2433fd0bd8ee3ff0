#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/inventory_text.h"
#include "agent/inventory/gather.h"

enum { JSON, SECTION };

static const struct option_row options[] = {
    [JSON] = { "json", 'j', NULL, "as JSON (proto/schema/inventory.schema.json)" },
    [SECTION] = { "section", 0, "NAME", "one part of it: packages, users, disks, ..." },
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

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_inventory, .argc = argc, .argv = argv };
    struct output      o = { .json = false };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        if (option == JSON)
            o.json = true;
        else if (option == SECTION && !(o.only = inventory_section_of(scan.value)))
            return usage_error(&command_inventory, "there is no section \"%s\"", scan.value);
    }
    if (scan.at < argc)
        return usage_error(&command_inventory, "\"%s\" is one word too many", argv[scan.at]);
    return gather_and_print(&o);
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
        "groups, administrators, services, packages. Passwords are told as set, locked or empty, and never read out.",
    .options = options,
    .run = run,
};
