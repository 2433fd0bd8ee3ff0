/* proto/config_mask.h - a configuration that may be given to someone else.
 *
 * Names stay. Left out are the values of an upstream's settings, and the arguments of checks; of a text that is no good
 * configuration, so that nobody knows what stands where, every value. Links may have a password still: that is for whoever
 * prints it (agent/bundle/sieve.h).
 * Thread: any.
 */
#ifndef PICKET_PROTO_CONFIG_MASK_H
#define PICKET_PROTO_CONFIG_MASK_H

#include "platform/buf.h"

/* Lent for the call: a value that was left out and may be secret. */
typedef void config_left_out_fn(void *context, const char *value);

/* good: config_parse took it. MALFORMED: no JSON; nothing is put into it. */
struct err config_mask(const char *text, size_t len, bool good, config_left_out_fn *on_left_out, void *context,
                       struct buf *into);

#endif
