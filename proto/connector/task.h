/* proto/connector/task.h - one thing to get done: what to ask next, and who hears the answer.
 *
 * A flow (ticket.c, test.c) sets the operation it wants; the task asks for whatever that operation needs and is not known
 * yet (discovery, a token, ids of names), then for the operation itself, page by page, and tells the flow the verdict.
 * So a flow never sees that a token ran out in between.
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_TASK_H
#define PICKET_PROTO_CONNECTOR_TASK_H

#include "proto/connector/request.h"
#include "proto/connector/session.h"
#include "proto/connector/verdict.h"

enum { CANDIDATES_MAX = 6, TICKET_ID_ROOM = 128, WAIT_INSIDE_MS = 15000, STEPS_MAX = 200 };

enum asking { ASK_NOTHING, ASK_DISCOVERY, ASK_LOGIN, ASK_PICK, ASK_OPERATION };

struct flow {
    /* The operation is done (verdict MEANS_OK), or will not be. */
    void (*done)(struct task *t, const struct verdict *v, const struct answer *answer);
    /* Something it needed failed. pick is -1 where it was none. */
    void (*blocked)(struct task *t, const struct verdict *v, int pick);
    /* One element of a list that fits "match"; false: no more are wanted. */
    bool (*item)(struct task *t, const struct answer *answer, const cJSON *item);
};

enum ticket_step {
    STEP_FIND,
    STEP_SETTLE,
    STEP_FIND_AGAIN,
    STEP_CREATE,
    STEP_GET,
    STEP_PEOPLE,
    STEP_NOTE,
    STEP_CLOSE,
    STEP_CHECK,
    STEP_DOUBLE_GET,
    STEP_DOUBLE_PEOPLE,
    STEP_DOUBLE_NOTE,
    STEP_DOUBLE_CLOSE,
    STEP_SWEEP,
    STEP_EVENT
};

struct ticket_flow {
    enum ticket_step step, checked;                       /* checked: what STEP_CHECK reads back */
    char             ids[CANDIDATES_MAX][TICKET_ID_ROOM]; /* the first is the ticket */
    size_t           id_count, at_double;
    bool             resolved; /* whether a create of an earlier try took place is known */
    bool             adopted, created, close_next, closed, conflicted, swept;
    bool             leave_open;
    const char      *why_open;
};

struct test_flow {
    uint8_t          stage, index, pass;
    uint32_t         failed_picks;
    struct operation stand_in; /* has no request, needs one pick */
};

struct task {
    struct session         *session;
    const struct connector *c;
    const struct flow      *flow;
    struct ticket_facts     facts;
    char                    ticket_id[TICKET_ID_ROOM]; /* the one operations are about */
    bool                    maybe_created, settled;
    uint64_t                now_ms, begun_ms;
    bool                    begun, op_begun;

    const struct operation *op; /* wanted; NULL: none */
    enum asking             asking;
    uint8_t                 asking_pick;
    uint64_t                asking_key; /* of the pick in the session's cache */
    bool                    in_flight;
    struct built            built;
    struct env              env;
    uint32_t                steps; /* requests so far; nothing goes on for ever */

    char *picks[PICKS_LIMIT]; /* heap */
    bool  pick_known[PICKS_LIMIT], pick_old[PICKS_LIMIT];
    char *found[FOUND_LIMIT]; /* heap */

    uint32_t page, offset;
    char    *cursor, *next_url; /* heap */
    size_t   matches;
    char    *match_value; /* heap; of a pick */

    bool           token_renewed, rediscovered, picks_renewed;
    bool           held; /* a verdict waits for discovery to say whether it was an old address */
    struct verdict held_verdict;
    enum asking    held_asking;
    uint64_t       held_hash;

    uint64_t           wait_until_ms;
    bool               done;
    struct task_result result;
    struct problems   *problems; /* heap; of tests */
    struct ticket_flow ticket;
    struct test_flow   test;
};

struct err task_new(struct session *session, const struct ticket_facts *facts, const struct flow *flow,
                    struct task **ret);

/* For flows: what is wanted next. */
void task_want(struct task *t, const struct operation *op);
void task_wait(struct task *t, uint64_t ms);
void task_finish(struct task *t, enum task_outcome outcome, const char *note);
/* The outcome that a failure stands for, with its words. */
void task_redact(const struct task *t, char *text);
void task_fail(struct task *t, const char *operation, const struct verdict *v);
void task_fail_here(struct task *t, const char *operation, struct err e); /* of our own making */
/* What the last request was for: "login", "board", "ticket.find". */
const char             *task_asking(const struct task *t);
const struct operation *task_asked(const struct task *t);
/* Takes the operation's values out of an answer. */
struct err task_values_take(struct task *t, const struct operation *op, const struct answer *answer, const cJSON *at);
/* Where values of the operation's record begin. */
const cJSON *task_record(const struct operation *op, const struct answer *answer);
/* Names that stand for ids are asked for anew. */
void task_picks_forget(struct task *t);

extern const struct flow ticket_flow, test_flow;
/* double.c: the tickets that a search found, oldest first */
bool ticket_id_ok(const char *id);
void ticket_candidate_add(struct ticket_flow *f, const char *id);
/* double.c: the ticket's own work is done; an answer about a double; on to the next one (trouble: why this one stays, NULL);
 * a search for doubles came to its end */
void                             ticket_doubles_begin(struct task *t);
void                             ticket_doubles_swept(struct task *t);
void                             ticket_on_double(struct task *t, const struct answer *answer);
void                             ticket_double_next(struct task *t, const char *trouble);
void                             ticket_go(struct task *t, enum ticket_step step);
uint64_t                         ticket_told_key(const struct task *t); /* of the note about this ticket and event */
void                             ticket_flow_begin(struct task *t, const struct ticket_work *work);
void                             test_flow_begin(struct task *t);
extern const struct ticket_facts no_facts;

/* ---- what is asked before the operation (needs.c) ---- */

/* Takes an answer to discovery, to a login or to a pick in; false: v says why not. */
bool discovery_take(struct task *t, const struct answer *answer, struct verdict *v);
bool login_take(struct task *t, const struct answer *answer, struct verdict *v);
bool pick_take(struct task *t, const struct answer *answer, struct verdict *v);
/* What the pick is without a word to anyone: a number, or empty. It may stay unknown. */
struct err pick_settle(struct task *t, uint8_t pick);
/* From the cache, or *ret_ask: it has to be asked for, and the request is built. What it needs is known. */
struct err pick_prepare(struct task *t, uint8_t pick, bool *ret_ask);
/* One answer may hold several: the others are taken from it too. After the last page of a pick. */
void     picks_share(struct task *t, const struct answer *answer);
uint64_t request_hash(const struct built *b);
uint64_t discovery_hash(const struct session *s);

/* ---- pages (page.c) ---- */

void page_first(struct task *t, const struct paging *paging);
/* After a list of count elements: true if there is a next page, which is then the current one. MEANS_REFUSED in v where
 * the server points to another host or the limit is reached. */
bool page_next(struct task *t, const struct paging *paging, const struct answer *answer, size_t count,
               struct verdict *v);

#endif
