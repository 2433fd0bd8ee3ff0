/* proto/pool.h - text that lives and dies together.
 *
 * A parsed file is a few structs and many short strings; the strings go into one pool and are released with it.
 * Thread: any, one owner.
 */
#ifndef PICKET_PROTO_POOL_H
#define PICKET_PROTO_POOL_H

#include <stddef.h>

struct text_pool;

struct text_pool *text_pool_new(void); /* NULL: no memory */
void              text_pool_free(struct text_pool **pool);

/* NULL when out of memory; the copy is terminated. */
char *text_pool_copy(struct text_pool *pool, const char *text, size_t len);
/* Zeroed memory, aligned for anything. */
void *text_pool_take(struct text_pool *pool, size_t size);

#endif
