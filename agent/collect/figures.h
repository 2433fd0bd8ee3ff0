/* agent/collect/figures.h - the newest value of everything that is measured.
 *
 * For `picket status`, the screen of `picket run --show` and `picket metrics`. A series that was not seen for a while is
 * dropped.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_FIGURES_H
#define PICKET_AGENT_COLLECT_FIGURES_H

#include "agent/collect/metric.h"

enum { FIGURES_MAX = 4096 };

struct figure {
    const struct metric *metric;
    const char          *instance; /* attrs_print */
    const struct attr   *attrs;    /* without those that are text for people */
    size_t               attr_count;
    double               value;
    uint64_t             at_ms; /* steady */
};

struct figures;

struct err figures_new(struct figures **ret);
void       figures_free(struct figures **figures);

/* TOO_BIG beyond FIGURES_MAX series: that one is not kept. */
struct err figures_put(struct figures *figures, const struct sample *sample, uint64_t now_ms);
/* Those of these metrics (an array: of one collector) that were last seen before then. */
void figures_forget(struct figures *figures, const struct metric *metrics, size_t metric_count, uint64_t before_ms);

size_t               figures_count(const struct figures *figures);
const struct figure *figures_get(const struct figures *figures, size_t i); /* in order of first sight */

#endif
