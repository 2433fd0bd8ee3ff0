/* agent/inventory/parts.h - what the files of a gathering share; nobody else includes it. */
#ifndef PICKET_AGENT_INVENTORY_PARTS_H
#define PICKET_AGENT_INVENTORY_PARTS_H

#include "agent/inventory/document.h"
#include "platform/source.h"

struct gathering {
    const char            *root;
    struct inventory      *into;
    enum inventory_section section; /* that gaps belong to now */
    struct plat_source     source;
};

const struct plat_source *gathering_source(struct gathering *g, enum inventory_section section);

void gather_hardware(struct gathering *g, const char *name); /* gather_hardware.c */
void gather_network(struct gathering *g);
void gather_accounts(struct gathering *g); /* gather_accounts.c */

#endif
