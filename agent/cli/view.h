/* agent/cli/view.h - a running agent as people see it: `picket status`, `picket run --show`.
 *
 * Records come in the order of answers.h; each kind becomes a table. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_VIEW_H
#define PICKET_AGENT_CLI_VIEW_H

#include <stdio.h>

#include "agent/cli/table.h"
#include "proto/record.h"

struct view {
    FILE                *out;
    bool                 all; /* every figure and rule, not only what matters */
    const struct record *last;
    struct table         table;
    size_t               shown, omitted;
};

void view_begin(struct view *view, FILE *out, bool all);
void view_put(struct view *view, const struct record *record, const void *value);
void view_end(struct view *view);

#endif
