/* proto/connector/connector.h - a vendor's system as data, and the engine that runs it.
 *
 * A connector is one JSON file (proto/connectors, schema proto/schema/connector.schema.json, explained in
 * docs/connectors.md): settings, authentication, discovery, operations, limits, what errors mean. No vendor's name stands in C.
 *
 * The engine is sans-I/O. A session is one connector with one set of settings: it remembers discovery,
 * tokens, quota and pick lists. A task is one thing to get done; asked again and again for its next step, it says SEND (a
 * request to carry out and answer), WAIT (milliseconds, then ask again) or DONE (a result). One task at a time per session.
 *
 *     session_task_ticket(...) -> loop { task_next: SEND -> task_answer | WAIT -> sleep | DONE -> task_result }
 *
 * Time is the caller's steady clock. Thread: any, one owner.
 */
#ifndef PICKET_PROTO_CONNECTOR_CONNECTOR_H
#define PICKET_PROTO_CONNECTOR_CONNECTOR_H

#include "proto/json.h"
#include "proto/policy.h"

/* ---- the file ---- */

struct connector;

enum dedupe_class { DEDUPE_EXACT, DEDUPE_SEARCH, DEDUPE_NONE };

struct err connector_parse(const char *text, size_t len, struct problems *problems, struct connector **ret);
void       connector_free(struct connector **connector);
/* One of those in the binary; NOT_FOUND. */
struct err connector_builtin(const char *name, struct problems *problems, struct connector **ret);

const char       *connector_name(const struct connector *c);
const char       *connector_title(const struct connector *c);
enum dedupe_class connector_dedupe(const struct connector *c);
/* How long after a create whose answer never came its ticket may still appear. */
uint64_t connector_settle_ms(const struct connector *c);

/* A setting as the file declares it; for help, checks and the documentation. */
struct connector_setting {
    const char *name, *type, *help, *default_value; /* default_value NULL: none */
    bool        required, secret;
    const char *example;
};
size_t connector_setting_count(const struct connector *c);
void   connector_setting_get(const struct connector *c, size_t i, struct connector_setting *ret);

/* ---- the session ---- */

struct session;

struct session_setting {
    const char *name, *value; /* secrets already read from their files; copied */
};

/* Problems name settings that are missing, unknown or of the wrong type. connector is lent. */
struct err session_new(const struct connector *connector, const struct session_setting *settings, size_t setting_count,
                       struct problems *problems, struct session **ret);
void       session_free(struct session **session);
/* What the wall clock says at a moment of the steady clock: for due dates and signatures with a time. A server's own Date
 * replaces it; it is only needed for what a server is asked first. */
void session_clock_set(struct session *session, uint64_t now_ms, int64_t wall_ms);

/* ---- a task ---- */

/* What a ticket is made from. All lent until the task is freed; UTF-8, any bytes of the machine may be in it. */
struct ticket_facts {
    const char   *ref;      /* "picket-9b1c44d0a1b2c3d4": what is searched for */
    const char   *event_id; /* stable for (ref, incident, revision): webhooks' receivers dedupe by it */
    const char   *title;
    const char   *text; /* lines; what a person reads first */
    const char   *note; /* the change in words, for notes and closing */
    enum severity severity;
    bool          cleared;
    const char   *device_id, *device_name, *device_url; /* "" where unknown */
    const char   *client, *site;
    const char   *rule, *instance, *metric, *value, *level; /* printed */
    const char   *raised_at, *changed_at, *cleared_at;      /* RFC 3339; cleared_at "" while open */
    uint32_t      revision, changes;
};

/* What is to be done is derived, so that a step can be repeated safely:
 *   no ticket_id: find by ref; found -> adopted (and noted); not found -> created. If maybe_created: find, and if nothing is
 *     there wait the connector's settle time and find again before creating. If cleared, that is all: the caller keeps the
 *     number for good and comes again with it. A ticket closed here whose number was then forgotten would be made again.
 *   ticket_id, not cleared: note.
 *   ticket_id, cleared: get; closed if no person touched it, otherwise a note. A ticket that is gone or closed by a person:
 *     if the alert is still open, a note is tried where the vendor allows it on closed tickets; else nothing.
 *     If maybe_created (a create was in doubt before the number was known): then a search; a double that showed only later is
 *     closed too, unless a person works on it.
 * So what was never told and is already over is still one ticket, with its end. */
struct ticket_work {
    struct ticket_facts facts;
    const char         *ticket_id; /* "" if not known */
    bool                maybe_created;
    bool                settled; /* since a create may have gone out, the settle time has passed: one look is enough */
};

enum task_next { TASK_SEND, TASK_WAIT, TASK_DONE };

struct task;

struct err session_ticket(struct session *session, const struct ticket_work *work, struct task **ret);
/* Discovery, credentials and every pick list and company the settings name; creates nothing. For `config check --online`. */
struct err session_test(struct session *session, struct task **ret);
void       task_free(struct task **task);

struct task_header {
    const char *name, *value;
};

/* A request lent until the next call on the task. Its url, headers and body may hold secrets: log the operation. */
struct task_request {
    const char               *operation; /* "ticket.create", "pick.board", "login", "discovery": for logs */
    const char               *method, *url;
    const struct task_header *headers;
    size_t                    header_count;
    const char               *body; /* NULL: none */
    size_t                    body_len;
    size_t                    answer_max_bytes;
    uint32_t                  timeout_ms;
    bool                      writes; /* an answer that never comes leaves the outcome unknown */
};

struct task_answer {
    bool               arrived; /* a whole answer came; otherwise: */
    bool               sent;    /* the request may have reached the server */
    const char        *why;     /* for people, when it did not arrive */
    int                status;
    const char *const *headers; /* name, value, name, value ..., NULL; names lower-case */
    const char        *body;
    size_t             body_len;
};

/* *wait_ms is set for WAIT. */
enum task_next task_next(struct task *task, uint64_t now_ms, struct task_request *request, uint64_t *wait_ms);
void           task_answer_put(struct task *task, uint64_t now_ms, const struct task_answer *answer);

enum task_outcome {
    TASK_CREATED, /* a new ticket */
    TASK_ADOPTED, /* one with our ref was there */
    TASK_NOTED,
    TASK_CLOSED,
    TASK_LEFT_OPEN, /* over, but a person works on it (or the vendor cannot tell): noted */
    TASK_SENT,      /* dedupe none: accepted */
    TASK_OK,        /* session_test */
    TASK_LATER,     /* try again after retry_ms; nothing was created, or see maybe_created */
    TASK_REFUSED,   /* trying again as it is will not help; why says what to change */
    TASK_GONE,      /* the ticket is not there any more */
};

struct task_result {
    enum task_outcome outcome;
    char              ticket_id[128];  /* once known, also with LATER and REFUSED */
    char              ticket_url[256]; /* "" where the file cannot make one */
    char              note[200];       /* "left open: assigned to a person" */
    bool              maybe_created;   /* a create went out and its outcome is not known */
    bool              cleared_told;    /* the end of the alert is told as well */
    uint64_t          retry_ms;        /* LATER: from Retry-After, quota, or 0: the caller's backoff */
    int               status;          /* of the answer that decided, 0: none */
    char              why[300];        /* for people; never a secret */
    struct problems  *problems;        /* session_test: each thing that is wrong; owned by the task */
};
void task_result(const struct task *task, struct task_result *ret);

#endif
