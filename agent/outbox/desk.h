/* agent/outbox/desk.h - the local desk: tickets in the agent's own database.
 *
 * The upstream of an agent that has no other. Works like a PSA on a small scale: a ticket is found by ref or
 * created, gets notes, is closed when the breach ends unless a person wrote a note or took it.
 */
#ifndef PICKET_AGENT_OUTBOX_DESK_H
#define PICKET_AGENT_OUTBOX_DESK_H

#include "agent/outbox/outbox.h"

enum { DESK_NOTE_MAX = 2000 };

struct desk_ticket {
    int64_t       number;
    char          ref[ALERT_REF_MAX];
    bool          open;
    bool          touched; /* a person wrote a note, closed or reopened it */
    enum severity severity;
    char          title[TITLE_MAX];
    char          text[FACTS_MAX];
    int64_t       opened_ms, changed_ms, closed_ms;
};

struct desk_note {
    int64_t at_ms;
    char    author[64]; /* "picket" or a user's name */
    char    text[DESK_NOTE_MAX];
};

/* Tells the desk of an alert and puts its delivery, in one transaction: exactly one ticket. */
struct err desk_deliver(struct outbox *outbox, const struct alert *alert, const char *upstream);

typedef bool desk_ticket_fn(void *context, const struct desk_ticket *ticket);
typedef bool desk_note_fn(void *context, const struct desk_note *note);
/* Newest first. */
struct err desk_ticket_each(struct outbox *outbox, bool closed_too, desk_ticket_fn *each, void *context);
struct err desk_ticket_get(struct outbox *outbox, int64_t number, struct desk_ticket *ret); /* NOT_FOUND */
struct err desk_note_each(struct outbox *outbox, int64_t number, desk_note_fn *each, void *context);

/* A person's doing. NOT_FOUND. */
struct err desk_note_add(struct outbox *outbox, int64_t number, const char *author, const char *text);
struct err desk_close(struct outbox *outbox, int64_t number, const char *author);
struct err desk_reopen(struct outbox *outbox, int64_t number, const char *author);

#endif
