/* agent/outbox/outbox.h - what must survive until every upstream has it.
 *
 * Alerts, how far each upstream has been told of each (deliveries), the local desk's tickets, and
 * blocks of samples. The model is in memory and is the truth while the agent runs; each change is
 * written through to SQLite at once (synchronous=FULL for alerts, deliveries and tickets) before the
 * call returns. Where the disk refuses (full, read-only, failing), the change stands in memory,
 * outbox_health says why and since when, and outbox_tick tries again: a full disk is the alert that
 * must not be lost. A damaged file is set aside as FILE.damaged-N (1 is the newest), and a new one
 * begun from what is in memory.
 * Bounded: over max_bytes blocks of samples go first (a gap records which), then changes of the
 * inventory (inventory.h), then history and closed tickets, never an open alert.
 * Wall times may jump; order is by id.
 * Thread: the loop's. Ownership: pointers from outbox_* are lent until the next call that changes
 * the outbox; callbacks must not change it.
 */
#ifndef PICKET_AGENT_OUTBOX_OUTBOX_H
#define PICKET_AGENT_OUTBOX_OUTBOX_H

#include "agent/alert/alert.h"

enum { TICKET_ID_MAX = 128, UPSTREAM_NAME_MAX = 48, UPSTREAMS_MAX = 8, OPEN_ALERTS_MAX = 1000 };

/* How far one upstream knows one alert. */
struct delivery {
    int64_t  alert_id;
    char     upstream[UPSTREAM_NAME_MAX];
    char     ticket_id[TICKET_ID_MAX]; /* "" until known */
    char     ticket_url[256];          /* "" where the vendor has none */
    uint32_t told_revision;            /* 0: nothing yet */
    bool     told_cleared;             /* and so it is done */
    bool     maybe_created; /* a create was handed out and its outcome is not known: look, wait, look
                             * again; with a ticket_id: it was in doubt once, look for a double at the end */
    char     note[200];     /* how it ended: "closed", "left open: a person works on it" */
};

struct outbox;

struct outbox_options {
    const char *path;          /* "/var/lib/picket/outbox.db"; NULL: memory only */
    uint64_t    max_bytes;     /* of the database and its journal; less than 1 MiB counts as 1 MiB */
    uint32_t    history_hours; /* how much of the samples is kept; 0: as much as fits */
    const char *device_id;     /* whose alerts these are: another device's file (of a copied disk) is
                                * set aside. NULL: anyone's */
    const char *vfs;           /* SQLite VFS name for tests; NULL: the default */
};

struct outbox_health {
    bool       durable; /* all that was promised is on disk */
    struct err why;     /* if not. UNSUPPORTED: a newer version's file, left alone, or no path */
    int64_t    since_ms;

    /* Where a damaged file (CORRUPT), or one of another device (DENIED), went in this run; NULL if
     * there was none. At most three such files are kept: the oldest was removed, or not. */
    const char *set_aside;
    struct err  set_aside_why;
    bool        removed_aside;

    uint64_t bytes;     /* size on disk */
    uint32_t unsaved;   /* changes that stand in memory alone */
    char     epoch[36]; /* random, new with each database */
};

/* Opens or begins the database. Fails for NO_MEMORY, and BUSY while another agent has it; a disk
 * that refuses is health, not failure. A file that is not ours to change (a newer version's, another
 * program's, a symbolic link, one that could not be read) is left as it is, and this run keeps all
 * in memory. */
struct err outbox_open(const struct outbox_options *options, struct outbox **ret);
void       outbox_close(struct outbox **outbox); /* writes what it can */

/* From now on: what is over another limit leaves with the next tick. */
void outbox_limit(struct outbox *outbox, uint64_t max_bytes, uint32_t history_hours);

void outbox_health(const struct outbox *outbox, struct outbox_health *ret);
void outbox_tick(struct outbox *outbox); /* every minute, and when a disk is well again: retry, evict */

/* alert->id 0 is new: gets its id. Fails for NO_MEMORY alone, and NOT_FOUND for an id that is not kept
 * (any more). Texts over their bounds are cut. */
struct err          outbox_alert_put(struct outbox *outbox, struct alert *alert);
const struct alert *outbox_alert_find_open(const struct outbox *outbox, const char *rule,
                                           const char *instance);
const struct alert *outbox_alert_get(const struct outbox *outbox, int64_t id);

/* Oldest first; the open ones and those that some upstream has not been told to the end. Stops when
 * each says false. */
typedef bool alert_fn(void *context, const struct alert *alert);
void         outbox_alert_each(const struct outbox *outbox, alert_fn *each, void *context);

/* Of those that are over, also of the history; newest first, a thousand at most. */
typedef void cleared_fn(void *context, const char *rule, const char *instance, int64_t cleared_ms);
void         outbox_cleared_each(struct outbox *outbox, cleared_fn *each, void *context);

/* The tickets of those that left memory: told to the end by every upstream. Newest first, 500 at most; texts are lent for the
 * call. */
struct outbox_told {
    enum severity worst;
    int64_t       raised_ms, changed_ms, cleared_ms;
    const char   *title, *ref, *upstream, *ticket_id, *ticket_url, *note;
};
typedef void told_fn(void *context, const struct outbox_told *told);
void         outbox_told_each(struct outbox *outbox, told_fn *each, void *context);

/* A delivery that was never put is a zeroed one with the two keys set. */
void       outbox_delivery_get(const struct outbox *outbox, int64_t alert_id, const char *upstream,
                               struct delivery *ret);
struct err outbox_delivery_put(struct outbox *outbox, const struct delivery *delivery); /* NOT_FOUND */

/* upstreams: the names that count; an alert that is cleared and told to all of them moves to history
 * and leaves memory. */
void outbox_retire(struct outbox *outbox, const char *const *upstreams, size_t count);

/* A block of samples (agent/outbox/block.h), kept until evicted by size or age. May be lost in a power
 * cut, which then damages nothing else. first/last in wall ms. */
struct err outbox_samples_put(struct outbox *outbox, int64_t first_ms, int64_t last_ms,
                              uint32_t count, const void *bytes, size_t len);

/* Oldest first, those that touch the time from..to. Stops when each says false. */
typedef bool samples_fn(void *context, int64_t first_ms, int64_t last_ms, uint32_t count,
                        const void *bytes, size_t len);
struct err   outbox_samples_each(struct outbox *outbox, int64_t from_ms, int64_t to_ms,
                                 samples_fn *each, void *context);

/* How far an upstream that takes samples has them. */
struct outbox_cursor {
    char     upstream[UPSTREAM_NAME_MAX];
    int64_t  block;    /* the newest block it has something of */
    uint32_t done;     /* samples of that block, in the block's order; CURSOR_WHOLE: all */
    int64_t  until_ms; /* wall: when that block ends; 0: nothing was taken yet */
    int64_t  boot_ms;  /* wall: since when counters count, as it was told */
    uint64_t missed;   /* blocks that were removed before it had them */
    uint64_t rejected; /* samples that it would not have */
};
enum { CURSOR_WHOLE = INT32_MAX };

/* One that was never put begins behind the newest block: an upstream gets what is measured from now on. */
void       outbox_cursor_get(const struct outbox *outbox, const char *upstream, struct outbox_cursor *ret);
/* On disk when it returns, but for a power cut: then what came with it is sent again. TOO_BIG beyond UPSTREAMS_MAX. */
struct err outbox_cursor_put(struct outbox *outbox, const struct outbox_cursor *cursor);
/* Forgets the cursors of all other upstreams. */
void       outbox_cursors_keep(struct outbox *outbox, const char *const *upstreams, size_t count);

int64_t outbox_samples_newest(const struct outbox *outbox); /* the newest block's number; 0: there was none */
/* The oldest block that is kept with this number or a higher one. NOT_FOUND. */
typedef void block_fn(void *context, int64_t number, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes,
                      size_t len);
struct err   outbox_samples_next(struct outbox *outbox, int64_t number, block_fn *take, void *context);

/* What was kept once and is no more. */
typedef bool gap_fn(void *context, int64_t from_ms, int64_t to_ms, uint64_t count,
                    const char *reason);
struct err   outbox_gap_each(struct outbox *outbox, gap_fn *each, void *context);

struct outbox_counts {
    uint64_t open_alerts, history, tickets_open, sample_blocks, gaps;
};
void outbox_counts(struct outbox *outbox, struct outbox_counts *ret);

#endif
