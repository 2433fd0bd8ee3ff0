/* agent/collect/metric.h - what a figure is, and how a collector hands figures over.
 *
 * Names and units are those of OpenTelemetry's semantic conventions (system metrics, v1.39), so that export is
 * a rename of nothing; what they have no name for follows their style and says so in its help. Where they have a
 * counter that rules want as a rate, the collector works out the rate itself and calls it NAME.rate. Where they have
 * a "state" attribute, the figure is that of state "used".
 * A sample is one figure of one instance at one moment; what could not be read is never a sample, it is a struct err.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_METRIC_H
#define PICKET_AGENT_COLLECT_METRIC_H

#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

// clang-format off
#define UNIT_TABLE(X)                                   \
    X(ONE,        "1")         /* a ratio, 0 to 1 */    \
    X(BYTES,      "By")                                 \
    X(SECONDS,    "s")                                  \
    X(BYTES_PER_SECOND, "By/s")                         \
    X(PER_SECOND, "1/s")                                \
    X(CPUS,       "{cpu}")                              \
    X(THREADS,    "{thread}")                           \
    X(PROCESSES,  "{process}")                          \
    X(INODES,     "{inode}")                            \
    X(OPERATIONS, "{operation}")                        \
    X(PACKETS,    "{packet}")                           \
    X(ERRORS,     "{error}")                            \
    X(SEVERITY,   "{severity}") /* 0 ok, 1 warning, 2 critical */ \
    X(NUMBER,     "{value}")   /* of whatever unit */   \
    X(LINES,      "{line}")                             \
    X(DISKS,      "{disk}")                             \
    X(UNITS,      "{unit}")                             \
    X(SESSIONS,   "{session}")                          \
    X(USERS,      "{user}")                             \
    X(RPM,        "rpm")                                \
    X(CELSIUS,    "Cel")                                \
    X(STATE,      "{state}")   /* 0 no, 1 yes */
// clang-format on

enum unit {
#define X(unit, text) UNIT_##unit,
    UNIT_TABLE(X)
#undef X
};

/* A COUNTER only grows (until its source restarts); its rate is what rules look at. */
enum metric_kind { METRIC_GAUGE, METRIC_COUNTER };

struct metric {
    const char      *name; /* "system.filesystem.utilization" */
    enum unit        unit;
    enum metric_kind kind;
    const char      *help;
};

enum { ATTRS_MAX = 4, ATTR_KEY_MAX = 48, ATTR_VALUE_MAX = 256 };

struct attr {
    const char *key;   /* an OpenTelemetry attribute name, a literal: "system.filesystem.mountpoint" */
    const char *value; /* UTF-8, at most ATTR_VALUE_MAX bytes; bytes of the system that are not UTF-8 were replaced */
};

struct sample {
    const struct metric *metric;
    const struct attr   *attrs; /* sorted as the collector declares them */
    size_t               attr_count;
    double               value;
};

/* Where a collector puts its figures. put() copies what it keeps. */
struct sink {
    void (*put)(struct sink *self, const struct sample *sample);
};

void sink_put(struct sink *out, const struct metric *metric, double value);
void sink_put_at(struct sink *out, const struct metric *metric, double value,
                 const struct attr *attrs, size_t attr_count);

const char *unit_text(enum unit unit);

/* A value as people read it: "93.4 %", "1.2 GiB", "3.1 MiB/s", "17 min", "412". ONE prints as percent, STATE as "yes"
 * or "no", what is no number (NaN) as "unknown". Returns into. */
const char *metric_print(const struct metric *metric, double value, char *into, size_t size);

/* "name=eth0 direction=receive": the last word of each key, in order; "" for no attributes. This text is the instance
 * in alert keys, tables and logs, and never changes for the same attributes. What only describes the instance is left
 * out: a file system is "mountpoint=/srv", for a reboot may swap the names of two disks and is no news. Always
 * terminated, cut at a character's border. */
const char *attrs_print(const struct attr *attrs, size_t attr_count, char *into, size_t size);

/* Does this attribute say something that may be another each time, as the line that a check printed? Such a text is for
 * people and tickets, and no part of a series' name wherever series are kept or sent. */
bool attr_is_passing(const char *key);

#endif
