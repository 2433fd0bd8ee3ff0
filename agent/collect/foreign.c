#include "agent/collect/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/smartctl_health.h"
#include "platform/executable.h"
#include "platform/loop.h"
#include "proto/smartctl.h"

enum { HIDDEN_MAX = 128, DISKS_MAX = 256, PATH_BYTES = 80, TYPE_BYTES = 40 };

static const char *const usual_programs[] = { "/usr/sbin/smartctl", "/sbin/smartctl", "/usr/local/sbin/smartctl",
                                              NULL };

const struct foreign_options foreign_usual = { .programs = usual_programs, .timeout_ms = 20000 };

struct hidden {
    char path[PATH_BYTES], type[TYPE_BYTES];
};

struct asking {
    const struct foreign_options *options;
    plat_disk_health_fn          *each;
    void                         *context;
    const char                   *program; /* NULL: may not be run */
    char                          remedy[EXECUTABLE_REMEDY_MAX];

    char          no_list[PLAT_DISK_WHY_MAX]; /* why the hidden ones could not be listed */
    struct hidden hidden[HIDDEN_MAX];
    size_t        hidden_count;

    char   serials[DISKS_MAX][SMART_NAME_MAX]; /* of disks that were told of */
    size_t serial_count;
};

/* ---- one run ---- */

typedef void take_fn(void *context, const struct plat_program_result *result);

struct one_run {
    struct plat_program *program;
    take_fn             *take;
    void                *context;
};

static void on_done(void *context, const struct plat_program_result *result)
{
    struct one_run *r = context;

    r->take(r->context, result);
    plat_program_close(&r->program);
}

static struct err run(const struct asking *a, const char *const *args, take_fn *take, void *context)
{
    struct one_run              r = { NULL, take, context };
    struct plat_program_options o = {
        .args = args,
        .stay_in_group = true,
        .timeout_ms = a->options->timeout_ms,
        .output_max = SMARTCTL_OUTPUT_MAX,
        .on_done = on_done,
        .context = &r,
    };
    uv_loop_t  loop;
    struct err e = plat_loop_init(&loop);

    if (failed(e))
        return e;
    e = plat_program_start(&loop, &o, &r.program);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return e;
}

/* ---- which program ---- */

static void find_program(struct asking *a)
{
    char remedy[EXECUTABLE_REMEDY_MAX];

    for (const char *const *path = a->options->programs; *path; path++) {
        struct err e = plat_executable_check(*path, remedy);

        if (!failed(e)) {
            a->program = *path;
            return;
        }
        if (e.code != ERR_NOT_FOUND && a->remedy[0] == '\0')
            snprintf(a->remedy, sizeof a->remedy, "smartctl is not run: %.300s", remedy[0] ? remedy : err_text(e.code));
    }
    if (a->remedy[0] == '\0')
        snprintf(a->remedy, sizeof a->remedy, "there is no %s: install the package smartmontools",
                 a->options->programs[0]);
}

/* ---- one disk ---- */

static void take_disk(void *context, const struct plat_program_result *result)
{
    smartctl_health_take(result, context);
}

/* type: NULL, or what smartctl is to take it for. 3 is its exit status for a disk that sleeps, which no failure has. */
static void ask(const struct asking *a, const char *path, const char *type, struct plat_disk_health *disk)
{
    const char *args[12] = { a->program, "--json=c", "-i", "-H", "-A", "-n", "standby,3" };
    size_t      count = 7;
    char        why[160];
    struct err  e;

    if (type) {
        args[count++] = "-d";
        args[count++] = type;
    }
    args[count] = path;
    e = run(a, args, take_disk, disk);
    if (failed(e))
        smartctl_health_say(disk, DISK_FAILED, "%s", err_print(e, why, sizeof why));
}

static bool was_told(const struct asking *a, const char *serial)
{
    for (size_t i = 0; serial[0] && i < a->serial_count; i++)
        if (strcmp(a->serials[i], serial) == 0)
            return true;
    return false;
}

static void remember(struct asking *a, const struct plat_disk_health *disk)
{
    if (disk->serial[0] && a->serial_count < DISKS_MAX)
        memcpy(a->serials[a->serial_count++], disk->serial, SMART_NAME_MAX);
}

/* A volume of a controller tells nothing of itself; its disks do. */
static void explain_volume(const struct asking *a, struct plat_disk_health *disk)
{
    if (disk->answer != DISK_SILENT)
        return;
    if (a->hidden_count)
        smartctl_health_say(disk, DISK_VIRTUAL,
                            "it is a volume of a RAID controller, whose disks are asked by themselves");
    else if (a->no_list[0])
        smartctl_health_say(disk, DISK_SILENT, "%s", a->no_list);
}

static void ask_foreign(struct asking *a, const struct plat_disk_health *foreign)
{
    struct plat_disk_health disk = *foreign;
    char                    path[PATH_BYTES];

    snprintf(path, sizeof path, "/dev/%s", disk.device);
    if (!a->program)
        smartctl_health_say(&disk, DISK_FOREIGN,
                            "it is behind a USB bridge or a RAID controller, and only smartctl can ask "
                            "it: %s",
                            a->remedy);
    else if (smartctl_path_is_device(path))
        ask(a, path, NULL, &disk);
    if (a->program && disk.behind_raid)
        explain_volume(a, &disk);
    remember(a, &disk);
    a->each(a->context, &disk);
}

/* ---- what controllers hide ---- */

static bool take_hidden(void *context, const char *path, const char *type)
{
    struct asking *a = context;
    struct hidden *h = &a->hidden[a->hidden_count++];

    snprintf(h->path, sizeof h->path, "%s", path);
    snprintf(h->type, sizeof h->type, "%s", type);
    return a->hidden_count < HIDDEN_MAX;
}

static void take_list(void *context, const struct plat_program_result *result)
{
    struct asking *a = context;
    struct err     e = result->out_cut ? err_of(ERR_TOO_BIG, "reading what smartctl said")
                                       : smartctl_scan_parse(result->out, result->out_len, take_hidden, a);
    char           end[80];

    if (failed(e) || result->end != PROGRAM_EXITED || result->status)
        snprintf(a->no_list, sizeof a->no_list,
                 "it does not tell, and smartctl --scan did not list the disks of its "
                 "controller: %s, %s",
                 plat_program_end_print(result, end, sizeof end), err_text(e.code));
}

/* Not --scan-open: that opens every disk of the machine, also those that sleep. */
static void list_hidden(struct asking *a)
{
    const char *const args[] = { a->program, "--json=c", "--scan", NULL };
    struct err        e = run(a, args, take_list, a);

    if (failed(e))
        err_print(e, a->no_list, sizeof a->no_list);
}

static void ask_hidden(struct asking *a, const struct hidden *h)
{
    struct plat_disk_health disk = { .answer = DISK_FAILED, .behind_raid = true };

    snprintf(disk.device, sizeof disk.device, "%.31s %.31s", h->path + strlen("/dev/"), h->type);
    smart_health_init(&disk.health);
    ask(a, h->path, h->type, &disk);
    if (was_told(a, disk.serial))
        return; /* the controller hands it on to the system as well */
    remember(a, &disk);
    a->each(a->context, &disk);
}

/* ---- all ---- */

static bool is_foreign(const struct plat_disk_health *disk)
{
    return disk->answer == DISK_FOREIGN;
}

void foreign_ask(const struct foreign_options *options, const struct plat_disk_health *disks, size_t count,
                 plat_disk_health_fn *each, void *context)
{
    struct asking *a = calloc(1, sizeof *a);
    bool           any = false, any_raid = false;

    for (size_t i = 0; i < count; i++) {
        any = any || is_foreign(&disks[i]);
        any_raid = any_raid || (is_foreign(&disks[i]) && disks[i].behind_raid);
        if (a && !is_foreign(&disks[i]))
            remember(a, &disks[i]);
    }
    if (a && any) {
        a->options = options;
        a->each = each;
        a->context = context;
        find_program(a);
        if (a->program && any_raid)
            list_hidden(a);
    }
    for (size_t i = 0; i < count; i++)
        if (is_foreign(&disks[i]) && a)
            ask_foreign(a, &disks[i]);
        else if (is_foreign(&disks[i]))
            each(context, &disks[i]); /* no memory: as if there were no smartctl */
    for (size_t i = 0; a && i < a->hidden_count; i++)
        ask_hidden(a, &a->hidden[i]);
    free(a);
}

struct found {
    struct plat_disk_health *disks; /* NULL: no memory to keep any */
    size_t                   count;
    plat_disk_health_fn     *each;
    void                    *context;
};

/* Foreign ones are told of once smartctl was asked. */
static void take_found(void *context, const struct plat_disk_health *disk)
{
    struct found *f = context;
    const bool    kept = f->disks && f->count < DISKS_MAX;

    if (kept)
        f->disks[f->count++] = *disk;
    if (!kept || !is_foreign(disk))
        f->each(f->context, disk);
}

struct err foreign_probe(plat_disk_health_fn *each, void *context)
{
    struct found f = { calloc(DISKS_MAX, sizeof *f.disks), 0, each, context };
    struct err   e = plat_disk_health_probe(take_found, &f);

    foreign_ask(&foreign_usual, f.disks, f.count, each, context);
    free(f.disks);
    return e;
}
