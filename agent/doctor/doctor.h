/* agent/doctor/doctor.h - looks for what is wrong between this machine and its tickets.
 *
 * Runs each part (this machine; each upstream) in a process of its own, all at once, and hands over findings in order:
 * the machine's first, then upstream by upstream. A check that takes too long is a finding. Runs a loop of its own.
 * Thread: the first, when no other loop runs on it.
 */
#ifndef PICKET_AGENT_DOCTOR_DOCTOR_H
#define PICKET_AGENT_DOCTOR_DOCTOR_H

#include "agent/doctor/finding.h"

struct doctor_options {
    const char *config; /* NULL: the usual place */
    const char *state;  /* NULL: the usual place */
    bool        offline; /* ask nothing over the network */
};

typedef void doctor_finding_fn(void *context, const struct finding *finding); /* lent */

/* Fails only where nothing could be looked at. */
struct err doctor_run(const struct doctor_options *options, doctor_finding_fn *on_finding, void *context);

#endif
