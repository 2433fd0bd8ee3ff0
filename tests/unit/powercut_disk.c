#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "powercut_parts.h"

void *powercut_must(void *memory)
{
    if (!memory) {
        fputs("powercut: out of memory\n", stderr);
        abort();
    }
    return memory;
}

uint64_t powercut_random(struct powercut *disk)
{
    uint64_t x = disk->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return disk->random = x;
}

/* ---- bytes ---- */

void powercut_resize(struct bytes *b, size_t len)
{
    if (len > b->room) {
        b->room = len * 2;
        b->data = powercut_must(realloc(b->data, b->room));
    }
    if (len > b->len)
        memset(b->data + b->len, 0, len - b->len);
    b->len = len;
}

void powercut_put(struct bytes *b, size_t at, const void *data, size_t len)
{
    if (at + len > b->len)
        powercut_resize(b, at + len);
    if (len)
        memcpy(b->data + at, data, len);
}

static void bytes_copy(const struct bytes *from, struct bytes *to)
{
    powercut_resize(to, 0);
    powercut_put(to, 0, from->data, from->len);
}

void powercut_forget(struct disk_file *f)
{
    for (struct change *c = f->changes, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    f->changes = NULL;
    f->last = &f->changes;
}

void powercut_change(struct disk_file *f, size_t at, const void *data, size_t len, bool truncates)
{
    struct change *c = powercut_must(malloc(sizeof *c + len));

    *c = (struct change){ .at = at, .len = len, .truncates = truncates };
    if (len)
        memcpy(c->data, data, len);
    *f->last = c;
    f->last = &c->next;
}

/* ---- the cut ---- */

static void apply_torn(struct powercut *dice, struct bytes *b, const struct change *c)
{
    for (size_t at = 0; at < c->len;) {
        size_t n = SECTOR - (c->at + at) % SECTOR;

        if (n > c->len - at)
            n = c->len - at;
        if (powercut_random(dice) % 2)
            powercut_put(b, c->at + at, c->data + at, n);
        at += n;
    }
}

void powercut_apply(struct powercut *dice, struct bytes *b, const struct change *c, enum powercut_mode mode)
{
    uint64_t fate = mode == POWERCUT_KEEP_ALL ? 0 : mode == POWERCUT_DROP_ALL ? 1 : powercut_random(dice) % 3;

    if (fate == 1)
        return;
    if (c->truncates)
        powercut_resize(b, c->at);
    else if (fate == 0)
        powercut_put(b, c->at, c->data, c->len);
    else
        apply_torn(dice, b, c);
}

static bool is_there(struct powercut *dice, const struct disk_file *f, enum powercut_mode mode)
{
    if (f->there == f->there_on_platter || mode == POWERCUT_KEEP_ALL)
        return f->there;
    return mode == POWERCUT_DROP_ALL ? f->there_on_platter : powercut_random(dice) % 2;
}

void powercut_cut(const struct powercut *from, struct powercut *to, enum powercut_mode mode)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        const struct disk_file *f = &from->files[i];
        struct disk_file       *t = &to->files[i];
        struct bytes            after = { 0 };
        bool                    there = is_there(to, f, mode);

        bytes_copy(&f->platter, &after);
        for (const struct change *c = f->changes; c; c = c->next)
            powercut_apply(to, &after, c, mode);
        memcpy(t->name, f->name, sizeof t->name);
        powercut_forget(t);
        t->there = t->there_on_platter = there;
        if (!there)
            powercut_resize(&after, 0);
        bytes_copy(&after, &t->seen);
        bytes_copy(&after, &t->platter);
        free(after.data);
    }
    memset(to->plans, 0, sizeof to->plans);
}
