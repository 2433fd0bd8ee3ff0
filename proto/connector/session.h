/* proto/connector/session.h - one connector with one set of settings, and what it has learnt.
 *
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_SESSION_H
#define PICKET_PROTO_CONNECTOR_SESSION_H

#include "proto/connector/env.h"
#include "proto/connector/quota.h"

enum { PICK_CACHE = 32, TOLD_RING = 32, UNSEEN_RING = 16, UNSEEN_MAX = 2, LEARNT_MAX = 4096 };

struct pick_cached {
    uint64_t key; /* of the request and of what was looked for; 0: free */
    uint64_t until_ms, made_ms;
    char    *value;
};

struct session {
    const struct connector *c; /* lent */
    struct text_pool       *pool;
    const char             *settings[SETTINGS_LIMIT];
    char                   *discovered[KEPT_LIMIT]; /* heap */
    bool                    discovery_known;
    uint64_t                discovered_ms, discovery_until_ms;
    char                   *token; /* heap; NULL: none */
    uint64_t                token_until_ms;
    struct pick_cached      picks[PICK_CACHE];
    size_t                  pick_next; /* the one that makes room */
    struct quota            quota;
    uint64_t                told[TOLD_RING]; /* notes that were taken: hashes of ticket and event */
    size_t                  told_next;
    struct {
        uint64_t key;
        uint32_t count;
    } unseen[UNSEEN_RING]; /* creates that were answered with yes, and no ticket in it */
    size_t  unseen_next;
    int64_t wall_offset_ms; /* wall clock minus steady clock */
    bool    wall_known;
    bool    wall_learnt; /* from a Date of the server, which is preferred */
};

/* FNV-1a, never 0; begins with 0. */
uint64_t hash_add(uint64_t hash, const char *text, size_t len);

const char *session_pick_get(struct session *s, uint64_t key, uint64_t now_ms, uint64_t *ret_made_ms); /* NULL */
struct err  session_pick_put(struct session *s, uint64_t key, uint64_t now_ms, uint32_t cache_s, const char *value);
void        session_picks_forget(struct session *s);
void        session_token_forget(struct session *s);
void        session_discovery_forget(struct session *s);

bool session_told(const struct session *s, uint64_t key);
void session_told_put(struct session *s, uint64_t key);

/* Takes secrets out of a text for people; also the beginning of one where the text was cut off. */
void secret_blank(char *text, const char *secret);
void session_redact(const struct session *s, char *text);

/* A yes to a create that nothing came of, and how often that was so for this reference. */
void     session_unseen_put(struct session *s, uint64_t key);
void     session_unseen_forget(struct session *s, uint64_t key); /* it was seen after all */
uint32_t session_unseen(const struct session *s, uint64_t key);

/* Replaces a heap text by a copy (of len bytes). */
struct err text_replace(char **text, const char *by, size_t len);

#endif
