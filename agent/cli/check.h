/* agent/cli/check.h - what one look at this machine found, and how it is printed.
 *
 * Inside the check command only: check.c looks, check_text.c and check_json.c print. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_CHECK_H
#define PICKET_AGENT_CLI_CHECK_H

#include <stdio.h>

#include "agent/collect/collect.h"
#include "agent/collect/figures.h"
#include "agent/rule/rules.h"

/* The exit codes of monitoring plugins. */
enum check_state { CHECK_OK = 0, CHECK_WARNING = 1, CHECK_CRITICAL = 2, CHECK_UNKNOWN = 3 };

/* One rule on one series. */
struct check_row {
    const struct rule   *rule;
    const struct metric *metric; /* NULL: never sampled */
    char                 instance[INSTANCE_MAX];
    double               value;
    enum check_state     state;
    struct err           why; /* UNKNOWN */
    char                 conditions[400]; /* how those of the rule stand, in words; "" where it has none */
};

struct check {
    struct check_row  *rows;
    size_t             row_count, row_room;
    size_t             counts[CHECK_UNKNOWN + 1]; /* of each state */
    enum check_state   worst;
    struct figures    *figures;  /* everything that was read */
    struct err        *outcomes; /* one a collector */
    bool              *asleep;   /* one a collector: on demand, and nobody asked */
    const char        *device;
    const char        *origin; /* of the configuration */
    char               quiet[160]; /* why the agent would hold changes now, or "" */
};

const char *check_state_name(enum check_state state); /* "ok" ... */
const char *check_value_print(const struct check_row *row, char *into, size_t size);

/* "PICKET WARNING - disk-full mountpoint=/srv 93.4 %; 13 ok" */
void check_print_summary(const struct check *check, FILE *out);
/* The same line with performance data: what monitoring systems read. */
void       check_print_plugin(const struct check *check, FILE *out);
struct err check_print_table(const struct check *check, bool verbose, FILE *out);
struct err check_print_json(const struct check *check, FILE *out);

#endif
