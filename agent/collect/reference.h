/* agent/collect/reference.h - docs/metrics.md, printed from the collectors' tables.
 *
 * A test compares the file with this, so it cannot fall behind; PICKET_UPDATE_DOCS=1 makes the test write it.
 */
#ifndef PICKET_AGENT_COLLECT_REFERENCE_H
#define PICKET_AGENT_COLLECT_REFERENCE_H

#include "platform/buf.h"

/* Appends Markdown. Fails only where the buf cannot grow. */
struct err collectors_print_markdown(struct buf *into);

#endif
