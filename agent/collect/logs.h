/* agent/collect/logs.h - how the logs of the configuration stand, for those who show them.
 *
 * The agent goes on where it was: how far each log was read is kept in a file. Without one (a look from the command line)
 * the end of each log is looked back on, and nothing counts as new.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_LOGS_H
#define PICKET_AGENT_COLLECT_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before the first configuration; path is lent for good. NULL: nothing is kept. */
void logs_keep(const char *path);

/* Lent until the next reading. */
struct log_view {
    const char *name, *text; /* the newest line that matched, or why it cannot be read */
    bool        unreadable;
    uint64_t    lines, matches; /* that were looked at since the beginning, and of these those that matched */
};

/* The i-th of those that were looked at; false beyond the last. */
bool logs_get(size_t i, struct log_view *ret);

#endif
