/* proto/policy.h - what counts as a breach, as data.
 *
 * A rule looks at one metric; each series of it (each set of attribute values) is an instance of its own. It has one
 * or two levels: crossing `warning` raises the alert, crossing `critical` makes it worse; it is one alert either way,
 * so that a filling disk is one ticket. Rules come from the built-in default policy, changed by the configuration
 * (later: by a signed policy).
 * Ownership: a policy belongs to the configuration it came from; its text is that's or the built-in rules'.
 * Thread: any, one owner.
 */
#ifndef PICKET_PROTO_POLICY_H
#define PICKET_PROTO_POLICY_H

#include "proto/json.h"
#include "proto/quiet.h"

enum severity { SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL };

enum rule_test {
    RULE_ABOVE,  /* value > level */
    RULE_BELOW,  /* value < level */
    RULE_EQUALS, /* value == level */
    RULE_ABSENT, /* no sample: the instance was there and is gone, or the metric was never read; level unused */
};

/* `clear` is where it is over: for ABOVE at or below it, for BELOW at or above it; between the two nothing changes. */
struct rule_level {
    bool     set;
    double   raise;
    double   clear;
    uint32_t for_s;       /* it must hold this long, without a sample that denies it */
    uint32_t clear_for_s; /* and be over this long */
};

enum { RULE_SELECTORS_MAX = 4, RULES_MAX = 256, RULE_NAME_MAX = 48, RULE_TEXT_MAX = 400 };
enum { RULE_CONDITIONS_MAX = 8, RULE_CAUSES_MAX = 4, RULE_FLAPS_MAX = 10 };

/* "system.filesystem.mountpoint" like a glob of * and ?, or not like it. */
struct rule_selector {
    const char *key;
    const char *glob;
    bool        exclude;
};

/* Also a warning: it will be there before long, at the slope of the last days. */
struct rule_forecast {
    bool        set, falls;
    double      reaches;
    uint32_t    within_s, history_s;
    const char *title; /* NULL: the rule's */
};

/* The levels are on the change of the value. */
struct rule_rate {
    uint32_t over_s, per_s; /* 0: on the value itself */
};

/* What must be so as well. Of its metric's series those count that agree with the instance: in the attributes that `same` names
 * by their last words, parted by blanks; NULL: in all that both have; "": any series does. One of them is enough. */
struct rule_condition {
    const char          *metric;
    struct rule_selector where[RULE_SELECTORS_MAX];
    size_t               where_count;
    enum rule_test       test;
    double               level;
    const char          *same;
};

/* While an alert of such a rule stands, the instances that agree with it are silent. */
struct rule_cause {
    const char *rules; /* names as globs, parted by blanks */
    const char *same;
};

/* Raised so often within so long, an alert stays open until it was calm for so long. */
struct rule_flapping {
    bool     off;
    uint32_t times; /* 0: never */
    uint32_t within_s, calm_s;
};

struct rule {
    const char          *name;   /* [a-z0-9-]+, at most RULE_NAME_MAX: part of the alert key, never renamed */
    const char          *metric;
    struct rule_selector where[RULE_SELECTORS_MAX];
    size_t               where_count;
    enum rule_test       test;
    struct rule_level    warning, critical;
    const char          *title; /* "{device}: {mountpoint} is {value} full"; placeholders: see rule_text_fill */
    const char          *facts; /* more lines for the ticket; may be "" */
    struct rule_forecast forecast;
    struct rule_rate     rate;
    const struct rule_condition *conditions; /* those of which all must hold, then those of which one must */
    size_t                       all_count, any_count;
    const struct rule_cause     *causes;
    size_t                       cause_count;
    struct rule_flapping         flapping;
    struct rule_quiet    quiet;
    bool                 enabled;
    size_t               place; /* 1: the first of the configuration's "rules"; 0: built in and unchanged */
};

struct policy {
    struct rule         *rules;
    size_t               count;
    struct quiet_window *windows;
    size_t               window_count;
    struct rule_quiet    general; /* of rules that choose nothing themselves */
};

const char *severity_name(enum severity severity); /* "ok", "warning", "critical" */
const char *rule_test_name(enum rule_test test);

/* Itself or by a condition. */
bool rule_looks_at(const struct rule *rule, const char *metric);

#endif
