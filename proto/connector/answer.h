/* proto/connector/answer.h - what stands in an answer, and whether a condition of the file holds.
 *
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_ANSWER_H
#define PICKET_PROTO_CONNECTOR_ANSWER_H

#include <cjson/cJSON.h>

#include "proto/connector/env.h"

struct answer {
    const cJSON       *tree; /* NULL: the body is not JSON */
    int                status;
    const char        *body;
    size_t             body_len;
    const char *const *headers; /* as in task_answer */
};

const char *answer_header(const struct answer *answer, const char *name); /* NULL */

/* at: the element of the answer that pointers begin at. No condition holds always. */
bool condition_holds(const struct condition *condition, const struct answer *answer, const cJSON *at, struct env *env);

/* A value of an answer as text: objects and arrays as JSON. Empty where there is none. */
struct err source_read(const struct source *source, const struct answer *answer, const cJSON *at, const struct env *env,
                       struct buf *into);

/* The first pointer that leads to an array (or object); NULL. */
const cJSON *pointers_array(const struct pointers *pointers, const cJSON *tree);
const cJSON *pointers_object(const struct pointers *pointers, const cJSON *tree);
/* The first that leads to a text or number that is not empty; NULL. */
const char *pointers_text(const struct pointers *pointers, const cJSON *tree, char scratch[40]);

#endif
