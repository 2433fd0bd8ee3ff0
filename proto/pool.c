#include "proto/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 2048 };

struct block {
    struct block *older;
    size_t        used, room;
    alignas(max_align_t) char bytes[];
};

struct text_pool {
    struct block *newest;
};

struct text_pool *text_pool_new(void)
{
    return calloc(1, sizeof(struct text_pool));
}

void text_pool_free(struct text_pool **pool)
{
    if (!*pool)
        return;
    for (struct block *b = (*pool)->newest, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    free(*pool);
    *pool = NULL;
}

static struct block *block_with(struct text_pool *pool, size_t size)
{
    struct block *b = pool->newest;
    size_t        room = size > BLOCK_BYTES ? size : BLOCK_BYTES;

    if (b && b->room - b->used >= size)
        return b;
    b = calloc(1, sizeof *b + room);
    if (!b)
        return NULL;
    b->room = room;
    b->older = pool->newest;
    pool->newest = b;
    return b;
}

void *text_pool_take(struct text_pool *pool, size_t size)
{
    const size_t  unit = alignof(max_align_t);
    size_t        whole = (size + unit - 1) / unit * unit;
    struct block *b = block_with(pool, whole);
    void         *taken;

    if (!b)
        return NULL;
    taken = b->bytes + b->used;
    b->used += whole;
    return taken;
}

char *text_pool_copy(struct text_pool *pool, const char *text, size_t len)
{
    char *copy = text_pool_take(pool, len + 1);

    if (copy)
        memcpy(copy, text, len);
    return copy;
}
