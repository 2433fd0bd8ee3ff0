/* proto/connector/request.h - a request of the file filled in: address, headers, body, credentials.
 *
 * Inside proto/connector only. Fails: MALFORMED with env->trouble for people; NO_MEMORY; TOO_BIG.
 */
#ifndef PICKET_PROTO_CONNECTOR_REQUEST_H
#define PICKET_PROTO_CONNECTOR_REQUEST_H

#include "proto/connector/env.h"

enum { BODY_MAX = 512 * 1024, URL_ROOM = 16 * 1024 };

struct built {
    const char        *method;
    struct buf         url, path, query, body;
    bool               has_body;
    struct task_header headers[HEADERS_LIMIT + 4];
    size_t             header_count;
    struct text_pool  *pool; /* of the headers' values */
};

void built_init(struct built *b);
void built_done(struct built *b);
void built_clear(struct built *b);

/* url: instead of the request's own (a next page, checked by the caller); NULL. */
struct err request_build(const struct request *request, const char *url, struct env *env, struct built *into);

/* Adds what shows who is asking; env->token is set where the file logs in. */
struct err auth_add(struct env *env, struct built *into);
/* The kind that logs in for a token, of those that apply; NULL. */
const struct auth *auth_with_login(struct env *env);
bool               auth_applies(const struct auth *auth, struct env *env);

/* The second of the same name replaces the first; an empty value adds nothing. */
struct err header_add(struct built *b, struct env *env, const char *name, const char *value);
struct err headers_add(const struct node *headers, struct env *env, struct built *into);

/* One value of a query, form or header as text. */
struct err node_text(const struct node *node, struct env *env, struct buf *into);
/* A tree as JSON; *ret_empty: all values in it were empty, and nothing was added. */
struct err node_json(const struct node *node, struct env *env, struct buf *into, bool *ret_empty);

#endif
