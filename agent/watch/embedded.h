/* agent/watch/embedded.h - the product descriptions built into the agent: agent/watch/products/NAME.json.
 *
 * As in proto/connector/embedded.h.
 */
#ifndef PICKET_AGENT_WATCH_EMBEDDED_H
#define PICKET_AGENT_WATCH_EMBEDDED_H

#include "proto/connector/embedded.h"

extern const struct embedded_file product_files[];
extern const size_t               product_file_count;

#endif
