/* proto/connector/node_load.h - readers for bodies, queries and forms; all are load_fn into a const struct node *.
 *
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_NODE_LOAD_H
#define PICKET_PROTO_CONNECTOR_NODE_LOAD_H

#include "proto/connector/load.h"

void body_load(struct loader *l, const cJSON *item, void *into_node);
void query_load(struct loader *l, const cJSON *item, void *into_node); /* also forms */

#endif
