/* agent/outbox/model.h - what the outbox holds in memory, and is the truth while the agent runs.
 *
 * Alerts that are open or not told to the end, with their deliveries; desk tickets that are open; and whatever is not
 * on disk yet. Each is one allocation with its texts behind it. What is SAVED and over leaves memory.
 * Internal to agent/outbox. Functions that return NULL or false are out of memory and changed nothing.
 */
#ifndef PICKET_AGENT_OUTBOX_MODEL_H
#define PICKET_AGENT_OUTBOX_MODEL_H

#include "agent/outbox/desk.h"
#include "agent/outbox/store.h"

enum saved { UNSAVED, WRITTEN /* in a transaction that is not committed */, SAVED };

struct kept_delivery {
    struct kept_delivery *next;
    enum saved            saved;
    uint32_t              told_revision;
    bool                  told_cleared, maybe_created;
    const char           *upstream, *ticket_id, *ticket_url, *note;
    char                  text[];
};

struct kept_alert {
    struct alert          alert;
    enum saved            saved;
    bool                  retired; /* told to the end: leaves memory once that is saved */
    struct kept_delivery *deliveries;
    char                  text[];
};

struct kept_ticket {
    struct kept_ticket *next; /* older */
    enum saved          saved;
    int64_t             number, opened_ms, changed_ms, closed_ms;
    bool                open, touched;
    enum severity       severity;
    const char         *ref, *title, *body;
    char                text[];
};

/* Only until it is saved. */
struct kept_note {
    struct kept_note *next; /* newer */
    enum saved        saved;
    int64_t           ticket, at_ms;
    const char       *author, *body;
    char              text[];
};

struct kept_block {
    struct kept_block *next; /* newer */
    enum saved         saved;
    int64_t            id, first_ms, last_ms;
    uint32_t           count;
    size_t             len;
    char               bytes[];
};

struct kept_cursor {
    struct outbox_cursor cursor;
    enum saved           saved;
};

enum gap_reason { GAP_NOT_STORED, GAP_SIZE, GAP_AGE, GAP_REASONS };

struct gap {
    int64_t         first_id, last_id; /* of the blocks that are no more */
    int64_t         from_ms, to_ms;
    uint64_t        count; /* samples */
    enum gap_reason reason;
};

struct model {
    struct kept_alert **alerts; /* by id */
    size_t              alert_count, alert_room;
    struct kept_ticket *tickets; /* newest first */
    struct kept_note   *notes;   /* oldest first */
    struct kept_block  *blocks;  /* oldest first */
    struct kept_cursor  cursors[UPSTREAMS_MAX];
    size_t              cursor_count;
    struct gap          lost;    /* unsaved blocks that found no room in memory; count 0: none */
    int64_t             last_alert, last_ticket, last_block;
};

void model_done(struct model *m);

struct kept_alert *model_alert(const struct model *m, int64_t id);
/* A copy in place of the one with its id, whose deliveries it takes. */
struct kept_alert *model_alert_put(struct model *m, const struct alert *alert);
void model_alert_remove(struct model *m, size_t index);

struct kept_delivery *model_delivery(const struct kept_alert *a, const char *upstream);
struct kept_delivery *model_delivery_put(struct kept_alert *a, const struct delivery *delivery);

struct kept_ticket *model_ticket(const struct model *m, int64_t number);
struct kept_ticket *model_ticket_put(struct model *m, const struct desk_ticket *ticket);
struct kept_note   *model_note_add(struct model *m, int64_t ticket, const struct desk_note *note);

/* After a commit: WRITTEN is SAVED, and what is over leaves. After a rollback: it is UNSAVED. */
void model_settle(struct model *m, bool committed);
/* For a new database: nothing is saved. */
void   model_unsave(struct model *m);
size_t model_unsaved(const struct model *m);

/* Where nothing can be saved for long: of alerts that are over, closed tickets and notes the newest stay. */
void model_trim(struct model *m, size_t most);

#endif
