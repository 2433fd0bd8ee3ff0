/* agent/cli/view.h - a running agent as people see it: `picket status`, `picket run --show`, `picket watch`.
 *
 * Records come in the order of answers.h; each kind becomes a table. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_VIEW_H
#define PICKET_AGENT_CLI_VIEW_H

#include <stdio.h>

#include "agent/cli/table.h"
#include "agent/control/talk.h"

enum { VIEW_TRAIL_MAX = 160 };

/* What makes it the page of `picket watch`: figures come with a line of their past, the head is short. */
struct view_live {
    void (*trail)(void *context, const struct talk_figure *figure, char into[VIEW_TRAIL_MAX]);
    void       *context;
    const char *age;  /* of what is shown: the second line */
    bool        late; /* it is older than it should be */
};

struct view {
    struct table_style      style;
    bool                    all;  /* every figure and rule, not only what matters */
    const struct view_live *live; /* NULL: it is printed once */
    struct buf              text; /* so far */
    const struct record    *last;
    struct table            table;
    size_t                  shown, omitted;
};

void view_begin(struct view *view, struct table_style style, bool all);
void view_put(struct view *view, const struct record *record, const void *value);
void view_finish(struct view *view);         /* text is whole then */
void view_end(struct view *view, FILE *out); /* finishes it, prints it, lets go of it; out NULL: nothing is printed */

#endif
