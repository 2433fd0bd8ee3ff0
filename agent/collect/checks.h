/* agent/collect/checks.h - how the script checks of the configuration stand, for those who show them.
 *
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_CHECKS_H
#define PICKET_AGENT_COLLECT_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

/* The exit codes of monitoring plugins. */
enum plugin_state { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

/* Lent until the next reading. */
struct check_view {
    const char       *name, *text; /* what it printed, or why it was not run */
    enum plugin_state state;
    double            took_s; /* NaN: it was not run */
};

/* The i-th of those that were run already; false beyond the last. */
bool checks_get(size_t i, struct check_view *ret);

#endif
