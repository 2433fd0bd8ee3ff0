#include "agent/inventory/gather.h"

#include <stdio.h>
#include <string.h>

#include "agent/inventory/parts.h"
#include "platform/environment.h"
#include "platform/host.h"
#include "platform/packages.h"
#include "platform/units.h"
#include "proto/digest.h"

static void on_gap(void *context, const char *part, struct err why)
{
    static const char *const of_values[] = { "passwords", "serial numbers, UUID" };
    struct gathering        *g = context;
    char                     text[200];
    bool                     entries = true;

    if (why.code == ERR_DENIED)
        snprintf(text, sizeof text, "only the administrator may read it");
    else
        err_print(why, text, sizeof text);
    for (size_t i = 0; i < ARRAY_LEN(of_values); i++)
        entries = entries && strcmp(part, of_values[i]) != 0;
    inventory_gap(g->into, g->section, part, text, entries);
}

const struct plat_source *gathering_source(struct gathering *g, enum inventory_section section)
{
    g->section = section;
    g->source = (struct plat_source){ g->root, on_gap, g };
    return &g->source;
}

/* ---- the system ---- */

/* The id itself is for this machine alone (machine-id(5)); the hash tells two machines apart as well. */
static void add_id(struct inventory *d, const char *machine_id)
{
    char text[64] = "", hash[DIGEST_TEXT_BYTES];

    if (machine_id[0]) {
        snprintf(text, sizeof text, "picket inventory %s", machine_id);
        digest_sha256_text(text, strlen(text), hash);
        snprintf(text, sizeof text, "%.32s", hash);
    }
    inventory_text(d, text);
}

static void add_system(struct gathering *g, struct plat_host *host)
{
    struct plat_environment environment;

    plat_environment_read(g->root, &environment);
    inventory_row(g->into, INVENTORY_ENVIRONMENT);
    inventory_text(g->into, environment.virtualization);
    inventory_text(g->into, environment.container);
    inventory_text(g->into, environment.cgroups);
    inventory_known(g->into, environment.memory_limit_bytes);
    inventory_known(g->into, environment.cpu_limit_millis);
    inventory_end(g->into);
    inventory_row(g->into, INVENTORY_OS);
    inventory_text(g->into, host->os_name);
    inventory_text(g->into, host->os_id);
    inventory_text(g->into, host->os_version);
    inventory_text(g->into, host->kernel);
    inventory_text(g->into, host->architecture);
    inventory_text(g->into, host->time_zone);
    inventory_text(g->into, host->locale);
    add_id(g->into, host->machine_id);
    inventory_end(g->into);
    inventory_row(g->into, INVENTORY_BOOT);
    inventory_text(g->into, host->boot_id);
    inventory_known(g->into, host->booted_ms > 0 ? (uint64_t)host->booted_ms : 0);
    inventory_end(g->into);
}

/* ---- packages and services ---- */

/* Installed side by side: an update is one that came and one that went. */
static bool comes_in_many(const struct plat_package *p)
{
    return strcmp(p->manager, "rpm") == 0 && (strncmp(p->name, "kernel", 6) == 0 || strcmp(p->name, "gpg-pubkey") == 0);
}

static void add_package(void *context, const struct plat_package *p)
{
    struct gathering *g = context;

    inventory_row(g->into, INVENTORY_PACKAGES);
    inventory_text(g->into, p->manager);
    inventory_text(g->into, p->name);
    inventory_text(g->into, p->architecture);
    inventory_text(g->into, comes_in_many(p) ? p->version : "");
    inventory_text(g->into, p->version);
    inventory_end(g->into);
}

static void add_unit(void *context, const struct plat_unit *u)
{
    struct gathering *g = context;

    inventory_row(g->into, INVENTORY_SERVICES);
    inventory_text(g->into, u->manager);
    inventory_text(g->into, u->name);
    inventory_text(g->into, u->start);
    if (g->root[0])
        inventory_text(g->into, "");
    else
        inventory_flag(g->into, u->running);
    inventory_end(g->into);
}

struct err inventory_gather(const char *root, struct inventory *into)
{
    struct gathering g = { .root = root, .into = into };
    struct plat_host host;

    plat_host_read(gathering_source(&g, INVENTORY_OS), &host);
    add_system(&g, &host);
    gather_hardware(&g, host.name);
    gather_network(&g);
    gather_accounts(&g);
    plat_units_each(gathering_source(&g, INVENTORY_SERVICES), add_unit, &g);
    plat_packages_each(gathering_source(&g, INVENTORY_PACKAGES), add_package, &g);
    return inventory_sort(into);
}
