/* agent/upstream/carry.h - between a connector's task and the HTTP client.
 *
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_UPSTREAM_CARRY_H
#define PICKET_AGENT_UPSTREAM_CARRY_H

#include "platform/http.h"
#include "proto/connector/connector.h"

/* Sends what the task asks for. False: it could not be sent, and the task was told so; ask it for its next step. */
bool carry_request(struct http *http, struct task *task, const struct task_request *request,
                   http_done_fn *done, void *context, struct http_exchange **ret);

void carry_answer(struct task *task, const struct http_answer *answer);

#endif
