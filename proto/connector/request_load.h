/* proto/connector/request_load.h - readers for the parts of a request, and for conditions on answers.
 *
 * All are load_fn: `into` is what the name says. Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_REQUEST_LOAD_H
#define PICKET_PROTO_CONNECTOR_REQUEST_LOAD_H

#include "proto/connector/load.h"

void request_load(struct loader *l, const cJSON *item, void *into_request);
void headers_load(struct loader *l, const cJSON *item, void *into_node); /* const struct node * */
void condition_load(struct loader *l, const cJSON *item, void *into);    /* const struct condition * */
void source_load(struct loader *l, const char *text, struct source *ret);
void words_load(struct loader *l, const cJSON *item, void *into_template); /* struct template: for people or compared */
void operation_load(struct loader *l, const cJSON *item, void *into_operation);
void rules_load(struct loader *l, const cJSON *item, void *into_rules);

#endif
