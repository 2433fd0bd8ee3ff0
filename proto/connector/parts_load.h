/* proto/connector/parts_load.h - readers for the large parts of a file; all are load_fn.
 *
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_PARTS_LOAD_H
#define PICKET_PROTO_CONNECTOR_PARTS_LOAD_H

#include "proto/connector/load.h"

/* bits of enum scope */
enum {
    SCOPES_OF_SESSION = 1U << SCOPE_SETTINGS | 1U << SCOPE_DISCOVERED | 1U << SCOPE_NOW,
    SCOPES_OF_TASK = SCOPES_OF_SESSION | 1U << SCOPE_FACTS | 1U << SCOPE_PICKS | 1U << SCOPE_PAGE,
};

void settings_load(struct loader *l, const cJSON *item, void *unused);
void either_load(struct loader *l, const cJSON *item, void *unused);
void languages_load(struct loader *l, const cJSON *item, void *unused);
void discovery_load(struct loader *l, const cJSON *item, void *unused);
void auth_load(struct loader *l, const cJSON *item, void *unused);
void limits_load(struct loader *l, const cJSON *item, void *unused);
void picks_load(struct loader *l, const cJSON *item, void *unused);
void ticket_load(struct loader *l, const cJSON *item, void *unused);
void tests_load(struct loader *l, const cJSON *item, void *unused);

const char *setting_type_name(unsigned type);

#endif
