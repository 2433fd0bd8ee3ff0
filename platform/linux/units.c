#include "platform/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/linux/rooted.h"

enum { UNITS_MAX = 4096, NAME_BYTES = 128, UNIT_HEAD_BYTES = 16 << 10 };

/* In the order in which systemd looks: what was found first counts. */
static const char *const folders[] = {
    "/etc/systemd/system", "/run/systemd/system",    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system", "/run/systemd/generator", "/run/systemd/generator.late",
};

struct unit {
    char        name[NAME_BYTES];
    const char *start; /* NULL: not known yet */
    bool        wanted;
};

struct units {
    const struct plat_source *from;
    struct unit              *items;
    size_t                    count, room;
    const char               *folder; /* that is being read */
    char                      text[UNIT_HEAD_BYTES];
    struct err                err;
};

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);

    return len > tail && strcmp(name + len - tail, end) == 0;
}

static bool is_unit(const char *name)
{
    return (ends_with(name, ".service") || ends_with(name, ".timer") || ends_with(name, ".socket")) &&
           !strstr(name, "@.") && strlen(name) < NAME_BYTES;
}

static struct unit *unit_of(struct units *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++)
        if (strcmp(u->items[i].name, name) == 0)
            return &u->items[i];
    if (u->count == UNITS_MAX) {
        u->err = err_of(ERR_TOO_BIG, "listing services");
        return NULL;
    }
    if (u->count == u->room) {
        size_t       room = u->room ? 2 * u->room : 256;
        struct unit *more = realloc(u->items, room * sizeof *more);

        if (!more) {
            u->err = err_of(ERR_NO_MEMORY, "listing services");
            return NULL;
        }
        u->items = more;
        u->room = room;
    }
    u->items[u->count] = (struct unit){ .start = NULL };
    snprintf(u->items[u->count].name, NAME_BYTES, "%s", name);
    return &u->items[u->count++];
}

/* ---- systemd ---- */

static const char *how_it_starts(struct units *u, const char *name)
{
    char path[NAME_BYTES + 64], target[256];

    if (rooted_link(u->from->root, target, sizeof target, "%s/%s", u->folder, name) && strcmp(target, "/dev/null") == 0)
        return "masked";
    if (strncmp(u->folder, "/run/systemd/generator", 22) == 0)
        return "generated";
    snprintf(path, sizeof path, "%s/%s", u->folder, name);
    if (rooted_head(u->from->root, path, u->text, sizeof u->text) == 0)
        return strncmp(u->folder, "/etc", 4) == 0 ? "masked" : "disabled"; /* an empty file masks too */
    return strstr(u->text, "[Install]") ? "disabled" : "static";
}

static void take_wanted(void *context, const char *name)
{
    struct unit *unit = is_unit(name) ? unit_of(context, name) : NULL;

    if (unit)
        unit->wanted = true;
}

/* Another name (dbus-org.bluez.service) is not one more service. */
static bool is_alias(const struct units *u, const char *name)
{
    char        target[256];
    const char *last;

    if (!rooted_link(u->from->root, target, sizeof target, "%s/%s", u->folder, name))
        return false;
    last = strrchr(target, '/');
    last = last ? last + 1 : target;
    return strcmp(target, "/dev/null") != 0 && strcmp(last, name) != 0;
}

static void take_entry(void *context, const char *name)
{
    struct units *u = context;
    struct unit  *unit;
    char          path[NAME_BYTES + 64];
    bool          enables = strncmp(u->folder, "/usr", 4) != 0 && strncmp(u->folder, "/lib", 4) != 0;

    if (strlen(name) < NAME_BYTES && (ends_with(name, ".wants") || ends_with(name, ".requires"))) {
        snprintf(path, sizeof path, "%s/%s", u->folder, name);
        if (enables)
            (void)rooted_each(u->from->root, path, take_wanted, u);
        return;
    }
    if (!is_unit(name) || is_alias(u, name))
        return;
    unit = unit_of(u, name);
    if (unit && !unit->start && rooted_exists(u->from->root, "%s/%s", u->folder, name)) /* not a link to what is gone */
        unit->start = how_it_starts(u, name);
}

/* Where the control groups of services are: v2, or v1 with systemd's own tree. */
static bool has_processes(const char *root, const char *name)
{
    static const char *const trees[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified" };
    char                     line[32], slice[NAME_BYTES];
    size_t                   at = strcspn(name, "@");

    snprintf(slice, sizeof slice, "%.*s", (int)at, name);
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        if (!failed(rooted_line(root, line, sizeof line, "%s/system.slice/%s/cgroup.procs", trees[i], name)) && line[0])
            return true;
        if (name[at] &&
            !failed(rooted_line(root, line, sizeof line, "%s/system.slice/system-%s.slice/%s/cgroup.procs", trees[i],
                                slice, name)) &&
            line[0])
            return true;
    }
    return false;
}

static void give_units(const struct units *u, plat_unit_fn *each, void *context)
{
    for (size_t i = 0; i < u->count; i++) {
        const struct unit *unit = &u->items[i];
        bool               masked = unit->start && strcmp(unit->start, "masked") == 0;

        if (!unit->start && !strchr(unit->name, '@'))
            continue; /* a link to a unit that was removed */
        each(context, &(struct plat_unit){ "systemd", unit->name,
                                           unit->wanted && !masked ? "enabled"
                                           : unit->start           ? unit->start
                                                                   : "static",
                                           has_processes(u->from->root, unit->name) });
    }
}

static void read_systemd(const struct plat_source *from, plat_unit_fn *each, void *context)
{
    struct units *u = calloc(1, sizeof *u);

    if (!u) {
        from->gap(from->context, "services", err_of(ERR_NO_MEMORY, "listing services"));
        return;
    }
    u->from = from;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        struct err e;

        u->folder = folders[i];
        e = rooted_each(from->root, folders[i], take_entry, u);
        if (failed(e) && e.code != ERR_NOT_FOUND)
            u->err = e;
    }
    give_units(u, each, context);
    if (failed(u->err))
        from->gap(from->context, "systemd", u->err);
    free(u->items);
    free(u);
}

/* ---- OpenRC ---- */

struct runlevels {
    const struct plat_source *from;
    plat_unit_fn             *each;
    void                     *context;
};

static bool is_enabled(const char *root, const char *name)
{
    static const char *const levels[] = { "sysinit", "boot", "default", "nonetwork" };
    char                     target[256];

    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (rooted_link(root, target, sizeof target, "/etc/runlevels/%s/%s", levels[i], name))
            return true;
    return false;
}

static void take_script(void *context, const char *name)
{
    const struct runlevels *r = context;
    const char             *root = r->from->root;

    if (ends_with(name, ".sh"))
        return;
    r->each(r->context, &(struct plat_unit){ "openrc", name, is_enabled(root, name) ? "enabled" : "disabled",
                                             rooted_exists(root, "/run/openrc/started/%s", name) });
}

static void read_openrc(const struct plat_source *from, plat_unit_fn *each, void *context)
{
    struct runlevels r = { from, each, context };
    struct err       e = rooted_each(from->root, "/etc/init.d", take_script, &r);

    if (failed(e))
        from->gap(from->context, "openrc", e);
}

void plat_units_each(const struct plat_source *from, plat_unit_fn *each, void *context)
{
    if (rooted_exists(from->root, "/etc/runlevels"))
        read_openrc(from, each, context);
    else
        read_systemd(from, each, context);
}
