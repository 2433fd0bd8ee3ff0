/* agent/control/answers.h - a running agent in records: what `status` and `tickets` show.
 *
 * Thread: the loop's. Each function hands one record at a time to put, lent for the call.
 */
#ifndef PICKET_AGENT_CONTROL_ANSWERS_H
#define PICKET_AGENT_CONTROL_ANSWERS_H

#include "agent/control/talk.h"
#include "agent/state.h"

struct answer_sink {
    void (*put)(void *context, const struct record *record, const void *value);
    void *context;
};

void answer_agent(const struct agent_state *state, const struct answer_sink *to);
void answer_figures(const struct agent_state *state, const struct answer_sink *to);
void answer_collectors(const struct agent_state *state, const struct answer_sink *to);
void answer_rules(const struct agent_state *state, const struct answer_sink *to);
void answer_alerts(const struct agent_state *state, const struct answer_sink *to);
void answer_upstreams(const struct agent_state *state, const struct answer_sink *to);

/* Of every upstream; of the desk also the closed ones if all. */
struct err answer_tickets(const struct agent_state *state, bool all, const struct answer_sink *to);
/* One desk ticket, its text and its notes. NOT_FOUND. */
struct err answer_ticket(const struct agent_state *state, int64_t number, const struct answer_sink *to);

/* The blocks of samples that touch the TALK_HISTORY_MS from then on (answer_history.c). */
struct err answer_history(const struct agent_state *state, int64_t from_ms, const struct answer_sink *to);

/* All figures in Prometheus' format, in pieces (exposition.c). */
struct err answer_metrics(const struct agent_state *state, const struct answer_sink *to);

/* The inventory that is kept, and its changes from then on (answer_inventory.c). secrets: also what only the administrator
 * may read. NOT_FOUND: none was taken yet. */
struct err answer_inventory(const struct agent_state *state, bool secrets, const struct answer_sink *to);
struct err answer_changes(const struct agent_state *state, int64_t from_ms, bool secrets, const struct answer_sink *to);

#endif
