/* agent/cli/picture.h - what a running agent said of itself at one moment, kept to be shown more than once.
 *
 * Ownership: copies, let go of by picture_done; a zeroed one is empty. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_CLI_PICTURE_H
#define PICKET_AGENT_CLI_PICTURE_H

#include "agent/control/ask.h"

struct picture_record {
    const struct record *record;
    void                *value;
};

struct picture {
    struct picture_record *all;
    size_t                 count, room;
    struct err             err;
    char                   why[ASK_WHY_MAX]; /* where err is a failure */
    uint64_t               steady_ms;        /* when it was taken */
    int64_t                wall_ms;
};

/* Asks the agent; blocking. What fails is in it. */
void picture_take(const char *state_override, struct picture *ret);
void picture_done(struct picture *picture);

/* NULL in one that failed. */
const struct talk_agent *picture_agent(const struct picture *picture);

#endif
