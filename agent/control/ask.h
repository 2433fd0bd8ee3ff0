/* agent/control/ask.h - the command line's side of the control socket.
 *
 * Blocking; for short-lived programs. The running agent is looked for where the options say: a state folder, the user's own
 * agent, then the machine's.
 */
#ifndef PICKET_AGENT_CONTROL_ASK_H
#define PICKET_AGENT_CONTROL_ASK_H

#include "agent/control/talk.h"
#include "agent/paths.h"

/* value is the record's struct, lent for the call. */
typedef void ask_answer_fn(void *context, const struct record *record, const void *value);

/* Asks and hands over each record. why (of WHY_MAX bytes) says what went wrong and what to do, for people. */
enum { ASK_WHY_MAX = 900 };
struct err ask_agent(const char *state_override, enum talk_request request, const struct talk_ask *ask,
                     ask_answer_fn *on_answer, void *context, char *why);
/* The one whose control socket this is. */
struct err ask_agent_at(const char *path, enum talk_request request, const struct talk_ask *ask, ask_answer_fn *on_answer,
                        void *context, char *why);

#endif
