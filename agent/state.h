/* agent/state.h - the parts of a running agent, for those who look at it.
 *
 * Owned by the warden; lent to the control socket and the screen. Thread: the loop's.
 */
#ifndef PICKET_AGENT_STATE_H
#define PICKET_AGENT_STATE_H

#include "agent/collect/figures.h"
#include "agent/collect/round.h"
#include "agent/dispatch.h"
#include "agent/export.h"
#include "agent/outbox/block.h"
#include "agent/paths.h"

enum { COLLECTORS_MAX = 64 };

struct agent_state {
    struct paths         paths;
    struct config       *config;
    char                 config_origin[600]; /* the file, or "built-in defaults" */
    char                 config_error[300];  /* why a reload was not taken, or "" */
    char                 device_id[DEVICE_ID_MAX], device_name[DEVICE_NAME_MAX];
    struct outbox       *outbox;
    struct block_writer *block; /* samples that are not in the outbox yet */
    struct rules        *rules;
    struct round        *round;
    struct figures      *figures;
    struct dispatch     *dispatch;
    struct export       *export;
    struct stocktake    *stocktake;
    struct courier_link *link;    /* NULL: no upstream needs one */
    struct link_ready    courier; /* of the one that is up */
    uint64_t             took_us[COLLECTORS_MAX];
    uint64_t             rounds, round_at_ms; /* how many, and when (steady) the last one began */
    int64_t              started_ms; /* wall */
};

#endif
