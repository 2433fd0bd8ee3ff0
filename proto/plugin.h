/* proto/plugin.h - what a monitoring plugin printed: a line for people, and figures.
 *
 * The output format of the Monitoring Plugins' development guidelines:
 *
 *     TEXT | 'label'=value[unit];[warning];[critical];[least];[most] ...
 *     MORE TEXT
 *     MORE TEXT | FIGURES
 *     FIGURES
 *
 * Strict: a figure that does not follow it is left out and counted, never guessed. Units become base units (ms: seconds,
 * KB: bytes, in steps of 1024 as the basic plugins count them, %: a ratio); a unit that the guidelines do not know keeps its
 * value as a plain number.
 * Pure, linear in the length, no allocation. Thread: any.
 */
#ifndef PICKET_PROTO_PLUGIN_H
#define PICKET_PROTO_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLUGIN_FIGURES_MAX = 64, PLUGIN_LABEL_MAX = 96, PLUGIN_TEXT_MAX = 256 };

enum plugin_unit { PLUGIN_PLAIN, PLUGIN_SECONDS, PLUGIN_BYTES, PLUGIN_RATIO, PLUGIN_COUNTER };

/* What lies outside of from..to is bad; with inside, what lies in it. */
struct plugin_range {
    bool   set, inside;
    double from, to; /* -INFINITY and INFINITY where it is open */
};

struct plugin_figure {
    char                label[PLUGIN_LABEL_MAX]; /* valid UTF-8 without controls, cut at a character's border */
    enum plugin_unit    unit;
    double              value; /* NaN: the plugin itself does not know ("U") */
    struct plugin_range warning, critical;
    double              least, most; /* NaN: not given */
};

struct plugin_output {
    char                 text[PLUGIN_TEXT_MAX]; /* the first line without its figures; "" if there is none */
    struct plugin_figure figures[PLUGIN_FIGURES_MAX];
    size_t               count;
    size_t               malformed; /* figures left out because they do not follow the guidelines, or are too many */
};

void plugin_parse(const char *text, size_t len, struct plugin_output *ret);

/* Is a value bad by this range? One that is not set says no, and so does NaN. */
bool plugin_range_alerts(const struct plugin_range *range, double value);

#endif
