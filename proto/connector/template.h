/* proto/connector/template.h - "Disk {facts.instance} of {settings.client|upper}": text with values in it.
 *
 * Values are cleaned (UTF-8, no control characters but line breaks and tabs), filtered, and quoted by the template's
 * language if it has one. What the whole is then put into (URL, header, JSON) escapes it again: see request.c.
 * Inside proto/connector only. Thread: any.
 * Fails: MALFORMED with env->trouble saying why for people; NO_MEMORY; TOO_BIG.
 */
#ifndef PICKET_PROTO_CONNECTOR_TEMPLATE_H
#define PICKET_PROTO_CONNECTOR_TEMPLATE_H

#include "proto/connector/env.h"
#include "proto/connector/load.h"

enum { TEMPLATE_TEXT_MAX = 64 * 1024 };

/* Where a template stands decides what it may hold. */
enum place {
    PLACE_WORDS, /* for people, or compared: anything */
    PLACE_BODY,  /* a text in a JSON body: a query in it must have a language */
    PLACE_QUERY, /* of a URL or a form: text mixed with values must have a language */
    PLACE_HEADER,
    PLACE_PATH, /* values are percent-encoded, one segment each */
    PLACE_BASE, /* as PATH, and addresses (types host, url, path) go in as they are */
};

/* name: of the parameter or member it stands in, decides the language; NULL. */
void template_load(struct loader *l, const char *text, enum place place, const char *name, struct template *ret);
/* The language a parameter or member of this name is written in; NULL: none. */
const struct language *language_of(const struct connector *c, const char *name);

struct err template_render(const struct template *t, struct env *env, struct buf *into);
/* For PLACE_PATH and PLACE_BASE. */
struct err template_render_address(const struct template *t, struct env *env, struct buf *into);

/* Holds only literal text? */
bool template_fixed(const struct template *t);

/* At most max bytes, cut at the border of a character. */
void text_cut(struct buf *text, size_t from, size_t max);

#endif
