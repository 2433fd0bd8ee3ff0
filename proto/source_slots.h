/* proto/source_slots.h - what the configuration says about script checks and logs, as rows of settings.
 *
 * Inside proto/ only; what comes of it is in config.h. Thread: any.
 */
#ifndef PICKET_PROTO_SOURCE_SLOTS_H
#define PICKET_PROTO_SOURCE_SLOTS_H

#include "proto/config.h"
#include "proto/slot.h"

extern const struct slot_table check_slots; /* struct config_check */
extern const struct slot_table log_slots;   /* struct config_log */

/* What rows cannot say: names that stand twice, a log without a source or with two. */
void check_slots_settle(struct slot_parser *p, const struct config_check *checks, size_t count);
void log_slots_settle(struct slot_parser *p, const struct config_log *logs, size_t count);

#endif
