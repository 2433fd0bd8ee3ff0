/* agent/outbox/store_parts.h - what store.c lends to store_open.c. */
#ifndef PICKET_AGENT_OUTBOX_STORE_PARTS_H
#define PICKET_AGENT_OUTBOX_STORE_PARTS_H

#include "agent/outbox/store.h"

/* What a result code of SQLite means to us. */
struct err store_failure(const struct store *s, int rc, const char *step);
struct err store_text(struct store *s, const char *sql, const char *step);
struct err store_number(const struct store *s, const char *sql, int64_t *ret);
void       store_disconnect(struct store *s);

#endif
