/* proto/connector/pointer.h - JSON pointers (RFC 6901) into an answer, and a little more.
 *
 * "" is the whole document, "/items/0/id" a place in it. "*" in place of the 0 is any element. "/fields/[name=queue]/values":
 * of the element whose member "name" is "queue". (So members whose names are "*" or begin with "[" cannot be reached.)
 * Inside proto/connector only. Thread: any.
 */
#ifndef PICKET_PROTO_CONNECTOR_POINTER_H
#define PICKET_PROTO_CONNECTOR_POINTER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/buf.h"

bool pointer_ok(const char *pointer);

/* NULL where there is nothing. */
const cJSON *pointer_get(const cJSON *tree, const char *pointer);

/* Each place that fits, until each says false; false then. */
typedef bool pointer_fn(void *context, const cJSON *at);
bool         pointer_each(const cJSON *tree, const char *pointer, pointer_fn *each, void *context);

/* A string, number or boolean as text, in into where it is not a string; NULL for anything else. Whole numbers below
 * 2^53 have no fraction. */
enum { SCALAR_TEXT_MAX = 40 };
const char *scalar_text(const cJSON *at, char into[SCALAR_TEXT_MAX]);

#endif
