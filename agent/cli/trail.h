/* agent/cli/trail.h - the last values of each figure, and a small line of them.
 *
 * A value belongs to the time of its reading; the line has a column for each step of time, so that a time in which nothing was
 * read is a gap. Shares are drawn from 0 to 100 %, everything else from 0 (or its least, below 0) to the most that is shown.
 * Thread: any, one owner.
 */
#ifndef PICKET_AGENT_CLI_TRAIL_H
#define PICKET_AGENT_CLI_TRAIL_H

#include "platform/buf.h"

enum { TRAIL_POINTS = 48 };

struct trails;

struct err trails_new(struct trails **ret);
void       trails_free(struct trails **trails);

/* Newest wins: what is not later than a value already there is left out. */
struct err trails_put(struct trails *trails, const char *name, const char *instance, int64_t wall_ms, double value);

struct trail_look {
    int64_t  end_ms;  /* the time of the last column */
    uint32_t step_ms; /* of a column */
    size_t   columns; /* at most TRAIL_POINTS */
    bool     share;   /* 0 to 1 */
    bool     ascii;
};

/* As many characters as there are columns; blanks for a figure that is not known. into is always terminated. */
void trails_draw(const struct trails *trails, const char *name, const char *instance, const struct trail_look *look,
                 char *into, size_t size);

#endif
