/* agent/bundle/sieve.h - takes secrets out of texts that leave the machine.
 *
 * Wherever a known secret stands it is replaced, also as JSON or in a link would write it; so are a user's name and password in
 * any link, and what follows "Bearer", "Basic" or "Digest". It is the second line: nothing should print a secret in the first
 * place.
 * Ownership: copies, wiped by sieve_free. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_BUNDLE_SIEVE_H
#define PICKET_AGENT_BUNDLE_SIEVE_H

#include "platform/buf.h"

struct sieve;

enum { SIEVE_LEAST_BYTES = 5 }; /* what is shorter would be found everywhere */

struct err sieve_new(struct sieve **ret);
void       sieve_free(struct sieve **sieve);

/* One that is too short is left out. Of a text with line breaks, each line. One that cannot be kept (no memory, more than
 * 4,096) lets nothing through any more: sieve_put fails. */
void sieve_add(struct sieve *sieve, const char *secret);
/* The passwords in the links of a text. */
void sieve_add_links(struct sieve *sieve, const char *text);

/* Adds the text, without what it should not tell. TOO_BIG, NO_MEMORY. */
struct err sieve_put(const struct sieve *sieve, const char *text, size_t len, struct buf *into);

#endif
