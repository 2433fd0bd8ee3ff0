/* agent/outbox/parts.h - the outbox as its own files see it.
 *
 * A change is made in the model and marked UNSAVED; outbox_save then writes all that is UNSAVED in one transaction. So
 * what belongs together is changed together before one outbox_save.
 */
#ifndef PICKET_AGENT_OUTBOX_PARTS_H
#define PICKET_AGENT_OUTBOX_PARTS_H

#include "agent/outbox/rows.h"

struct outbox {
    struct store store;
    struct model model;
    char        *path, *vfs;
    int          lock;
    struct err   why; /* why the last write failed; ok: all is well */
    int64_t      since_ms;
    bool         meta_saved;
    struct meta  meta;
    int64_t      history_ms;  /* 0: no limit */
    bool         counted;     /* the next two are known: counting reads every page of samples, so not at the start */
    int64_t      covered_ms;  /* from block to block, however the clock jumped between two */
    int64_t      newest_ms;   /* when the newest stored block begins */
    uint64_t     block_count; /* stored */
    uint64_t     looked_at;   /* store.commits when outbox_tick last looked for what may go */
};

/* durable: survives a power cut once it returns, unless health says otherwise. */
void outbox_save(struct outbox *o, bool durable);
/* A read found the database damaged or unreadable: outbox_tick will repair it. */
void outbox_suspect(struct outbox *o, struct err e);

/* ---- samples.c ---- */

void samples_opened(struct outbox *o); /* another file, or another state of it */
void samples_count(struct outbox *o);  /* makes counted true, if it can */
/* Before a commit settles: counts the blocks that were WRITTEN. */
void samples_stored(struct outbox *o);
/* Removes old blocks until bytes more fit, and what is too old. Failing to is not failure: the next write says so. */
void samples_evict(struct outbox *o, int64_t bytes);
/* Room for what must not be refused, from whatever may go. False: nothing is left to remove. */
bool samples_make_room(struct outbox *o);

#endif
