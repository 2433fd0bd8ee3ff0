/* proto/connector/verdict.h - what an answer means, by the rules of the file and, where they are silent, of HTTP.
 *
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_VERDICT_H
#define PICKET_PROTO_CONNECTOR_VERDICT_H

#include "proto/connector/answer.h"

enum { VERDICT_TEXT_MAX = 240 };

struct verdict {
    uint8_t  means;                  /* enum meaning */
    bool     unknown;                /* the server may have done what was asked */
    int      status;                 /* 0: no answer */
    uint64_t pause_ms;               /* the server asked for it; 0: it did not */
    char     text[VERDICT_TEXT_MAX]; /* for people; secrets not yet taken out */
};

/* answer->tree is NULL where nothing came or it is not JSON; why: where nothing came. */
void verdict_make(const struct operation *op, const struct answer *answer, bool arrived, bool sent, const char *why,
                  struct env *env, struct verdict *ret);

/* Formatted text that is cut at a character's border. size is at most WORDS_MAX. */
enum { WORDS_MAX = 512 };
void words_put(char *into, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

void verdict_set(struct verdict *v, enum meaning means, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
