#include <stdio.h>
#include <string.h>

#include "agent/inventory/parts.h"
#include "platform/addresses.h"
#include "platform/hardware.h"

struct memory {
    struct gathering *g;
    uint64_t          bytes; /* of all modules; 0: one did not say, or there is none */
    unsigned          count;
    bool              unknown;
};

/* Boards give several slots one name. */
static bool is_taken(const struct inventory *d, const char *slot, const char *bank)
{
    char key[2 * HARDWARE_TEXT_MAX + 16];
    int  len = snprintf(key, sizeof key, "%s\t%s\t", slot, bank);

    for (size_t i = 0; i < d->row_count; i++)
        if (d->rows[i].section == INVENTORY_MEMORY_MODULES &&
            strncmp(d->text.data + d->rows[i].offset, key, (size_t)len) == 0)
            return true;
    return false;
}

static void add_module(void *context, const struct plat_memory_module *m)
{
    struct memory    *memory = context;
    struct inventory *d = memory->g->into;
    char              slot[HARDWARE_TEXT_MAX + 16];

    memory->count++;
    memory->bytes += m->size_bytes;
    memory->unknown = memory->unknown || !m->size_bytes;
    snprintf(slot, sizeof slot, "%s", m->slot);
    if (is_taken(d, slot, m->bank))
        snprintf(slot, sizeof slot, "%s #%u", m->slot, memory->count);
    inventory_row(d, INVENTORY_MEMORY_MODULES);
    inventory_text(d, slot);
    inventory_text(d, m->bank);
    inventory_known(d, m->size_bytes);
    inventory_text(d, m->kind);
    inventory_known(d, m->speed_mts);
    inventory_text(d, m->manufacturer);
    inventory_text(d, m->part);
    inventory_text(d, m->serial);
    inventory_end(d);
}

static void add_machine(struct inventory *d, const char *name, const struct plat_hardware *h)
{
    inventory_row(d, INVENTORY_SYSTEM);
    inventory_text(d, name);
    for (size_t i = 0; i < HARDWARE_TEXTS; i++)
        inventory_text(d, h->text[i]); /* the section's fields have the order of the enum */
    inventory_end(d);
}

static void add_processor(struct gathering *g)
{
    struct plat_processor p;

    plat_processor_read(gathering_source(g, INVENTORY_PROCESSOR), &p);
    inventory_row(g->into, INVENTORY_PROCESSOR);
    inventory_text(g->into, p.model);
    inventory_text(g->into, p.vendor);
    inventory_known(g->into, p.sockets);
    inventory_known(g->into, p.cores);
    inventory_known(g->into, p.threads);
    inventory_end(g->into);
}

/* A serial number stays with the disk; sda may be another one after the next boot. */
static void add_drive(void *context, const struct plat_drive *drive)
{
    struct gathering *g = context;

    inventory_row(g->into, INVENTORY_DISKS);
    inventory_text(g->into, drive->serial[0] ? drive->serial : drive->name);
    inventory_text(g->into, drive->name);
    inventory_text(g->into, drive->model);
    inventory_text(g->into, drive->serial);
    inventory_known(g->into, drive->size_bytes);
    inventory_text(g->into, drive->bus);
    inventory_flag(g->into, drive->rotational);
    inventory_flag(g->into, drive->removable);
    inventory_text(g->into, drive->firmware);
    inventory_end(g->into);
}

void gather_hardware(struct gathering *g, const char *name)
{
    struct memory        memory = { .g = g };
    struct plat_hardware hardware;

    plat_hardware_read(gathering_source(g, INVENTORY_SYSTEM), add_module, &memory, &hardware);
    add_machine(g->into, name, &hardware);
    add_processor(g);
    inventory_row(g->into, INVENTORY_MEMORY);
    inventory_known(g->into, memory.unknown ? 0 : memory.bytes);
    inventory_known(g->into, plat_visible_memory_bytes(gathering_source(g, INVENTORY_MEMORY)));
    inventory_known(g->into, hardware.slots);
    inventory_end(g->into);
    plat_drives_each(gathering_source(g, INVENTORY_DISKS), add_drive, g);
}

/* ---- network ---- */

static void add_nic(void *context, const struct plat_nic *nic)
{
    struct gathering *g = context;

    inventory_row(g->into, INVENTORY_INTERFACES);
    inventory_text(g->into, nic->name);
    inventory_text(g->into, nic->kind);
    inventory_text(g->into, nic->mac);
    inventory_text(g->into, nic->driver);
    inventory_list(g->into);
    for (size_t i = 0; i < nic->address_count; i++)
        inventory_item(g->into, nic->addresses[i]);
    inventory_end(g->into);
    if (nic->is_cut)
        inventory_gap(g->into, INVENTORY_INTERFACES, nic->name, "more addresses than are kept of one interface", false);
}

void gather_network(struct gathering *g)
{
    struct plat_ways ways;

    plat_nics_each(gathering_source(g, INVENTORY_INTERFACES), add_nic, g);
    plat_ways_read(gathering_source(g, INVENTORY_NETWORK), &ways);
    inventory_row(g->into, INVENTORY_NETWORK);
    inventory_list(g->into);
    for (size_t i = 0; i < ways.gateway_count; i++)
        inventory_item(g->into, ways.gateways[i]);
    inventory_list(g->into);
    for (size_t i = 0; i < ways.dns_count; i++)
        inventory_item(g->into, ways.dns[i]);
    inventory_list(g->into);
    for (size_t i = 0; i < ways.search_count; i++)
        inventory_item(g->into, ways.search[i]);
    inventory_end(g->into);
}
