#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "agent/cli/command.h"
#include "agent/collect/diskline.h"
#include "agent/collect/foreign.h"
#include "agent/collect/sensorline.h"
#include "agent/inventory/gather.h"
#include "agent/inventory/json.h"
#include "agent/inventory/rows.h"
#include "platform/child.h"

enum { ROOT, ROWS };

static const struct option_row options[] = {
    [ROOT] = { "root", 0, "DIR", "inventory, sensors: of the system whose root this folder is" },
    [ROWS] = { "rows", 0, NULL, "inventory: as rows for the agent, into descriptor 3" },
    { 0 },
};

/* ---- disks and sensors ---- */

enum { LINE_MAX_BYTES = 2048 };

static void say(struct err e, struct buf *line)
{
    if (!failed(e))
        fputs(buf_text(line), stdout);
    fflush(stdout); /* what one said is not lost when the next one keeps us waiting */
    buf_done(line);
}

static void print_disk(void *context, const struct plat_disk_health *disk)
{
    struct buf line;

    (void)context;
    buf_init(&line, LINE_MAX_BYTES);
    say(diskline_print(disk, &line), &line);
}

static void print_sensor(void *context, const struct plat_sensor *sensor)
{
    struct buf line;

    (void)context;
    buf_init(&line, LINE_MAX_BYTES);
    say(sensorline_print(sensor, &line), &line);
}

static struct err probe_disks(const char *root, bool rows)
{
    (void)root;
    (void)rows;
    return foreign_probe(print_disk, NULL);
}

static struct err probe_sensors(const char *root, bool rows)
{
    (void)rows;
    return plat_sensors_each(root, print_sensor, NULL);
}

/* ---- inventory ---- */

static bool put_json(void *context, int section, const char *row)
{
    inventory_json_row(context, section, row);
    return true;
}

static struct err print_json(const struct inventory *d)
{
    struct inventory_json out;
    struct json_put       j;
    struct buf            text;
    struct err            e;

    buf_init(&text, 4 * INVENTORY_DOCUMENT_MAX);
    json_put_begin(&j, &text, true);
    inventory_json_begin(&out, &j, 0);
    inventory_each(d, put_json, &out);
    inventory_json_end(&out);
    e = json_put_done(&j);
    if (!failed(e) && (fputs(buf_text(&text), stdout) < 0 || fflush(stdout) != 0))
        e = err_from_os(errno, "printing an inventory");
    buf_done(&text);
    return e;
}

static struct err probe_inventory(const char *root, bool rows)
{
    struct inventory d;
    struct err       e;

    if (rows)
        (void)uv_os_setpriority(0, UV_PRIORITY_LOW); /* the machine has better things to do */
    inventory_init(&d);
    e = inventory_gather(root, &d);
    if (!failed(e))
        e = rows ? inventory_write(&d, CHILD_PASS_FIRST) : print_json(&d);
    inventory_done(&d);
    return e;
}

/* ---- which ---- */

static const struct {
    const char *name;
    struct err (*probe)(const char *root, bool rows);
} probes[] = { { "disks", probe_disks }, { "sensors", probe_sensors }, { "inventory", probe_inventory } };

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_probe, .argc = argc, .argv = argv };
    const char        *root = "";
    bool               rows = false;
    char               text[160];

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        rows = rows || option == ROWS;
        if (option == ROOT)
            root = strcmp(scan.value, "/") == 0 ? "" : scan.value;
    }
    for (size_t i = 0; scan.at + 1 == argc && i < ARRAY_LEN(probes); i++) {
        struct err e;

        if (strcmp(argv[scan.at], probes[i].name) != 0)
            continue;
        e = probes[i].probe(root, rows);
        if (failed(e))
            fprintf(stderr, "picket probe: %s\n", err_print(e, text, sizeof text));
        return failed(e) ? EXIT_FAILED : EXIT_DONE;
    }
    return usage_error(&command_probe, "it takes one word: disks, sensors or inventory");
}

const struct command command_probe = {
    .name = "probe",
    .summary = "What takes time or memory, done by a process of its own; started by picket run.",
    .usage = "disks|sensors|inventory",
    .help =
        "disks prints one line a disk: what it told, or why it could not be asked. A disk that sleeps is left asleep.\n"
        "sensors prints one line for each temperature, fan, battery and for mains power.\n"
        "inventory prints what picket inventory --json prints when no agent runs.",
    .options = options,
    .hidden = true,
    .run = run,
};
