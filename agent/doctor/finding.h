/* agent/doctor/finding.h - what one check found, and what an examining process is told.
 *
 * Checks run in processes of their own, so that one that hangs is ended and the rest still runs: the doctor sends ORDER (and
 * for an upstream its SETUP and GO, see proto/link.h), hears BEGIN before each check and FINDINGs after it, and END.
 * Thread: any.
 */
#ifndef PICKET_AGENT_DOCTOR_FINDING_H
#define PICKET_AGENT_DOCTOR_FINDING_H

#include "proto/record.h"

enum finding_state { FINDING_OK, FINDING_WARNING, FINDING_FAILED, FINDING_SKIPPED, FINDING_STATES };

struct finding {
    char     check[32]; /* "database" */
    char     about[64]; /* which one of them: an upstream's name; "" */
    uint64_t state;     /* enum finding_state */
    char     text[600]; /* what was seen */
    char     remedy[500]; /* what to do; "" where there is nothing to do */
};

struct exam_begin {
    char     check[32];
    uint64_t number, limit_s;
};

struct exam_order {
    char     config[560], state_dir[520], run_dir[520], outbox[560], control[560];
    bool     named;    /* --config: the file must exist */
    bool     of_system;
    bool     upstream; /* that of the SETUP, otherwise this machine */
    bool     blind;    /* reading the configuration hung: leave it */
    uint64_t first;    /* the check to begin with */
};

extern const struct record finding_record, exam_begin_record, exam_order_record, exam_end_record;

const char *finding_state_name(enum finding_state state); /* "ok" */

#endif
