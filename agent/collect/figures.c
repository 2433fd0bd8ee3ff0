#include "agent/collect/figures.h"

#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"

enum { INSTANCE_TEXT_MAX = 640 };

struct figures {
    struct figure *all;
    size_t         count, room, next; /* next: where the next put probably goes, since rounds repeat */
};

struct err figures_new(struct figures **ret)
{
    struct figures *f = calloc(1, sizeof *f);

    if (!f)
        return err_of(ERR_NO_MEMORY, "keeping figures");
    *ret = f;
    return err_ok();
}

void figures_free(struct figures **at)
{
    struct figures *f = *at;

    if (!f)
        return;
    *at = NULL;
    for (size_t i = 0; i < f->count; i++)
        free((char *)(uintptr_t)f->all[i].instance);
    free(f->all);
    free(f);
}

static struct figure *find(struct figures *f, const struct metric *metric, const char *instance)
{
    for (size_t n = 0; n < f->count; n++) {
        size_t i = (f->next + n) % f->count;
        if (f->all[i].metric == metric && strcmp(f->all[i].instance, instance) == 0) {
            f->next = i + 1;
            return &f->all[i];
        }
    }
    return NULL;
}

static struct err add(struct figures *f, const struct metric *metric, const char *instance,
                      struct figure **ret)
{
    size_t         room = f->room ? 2 * f->room : 32;
    struct figure *grown;
    char          *kept;

    if (f->count == FIGURES_MAX)
        return err_of(ERR_TOO_BIG, "keeping figures");
    if (f->count == f->room) {
        grown = realloc(f->all, room * sizeof *grown);
        if (!grown)
            return err_of(ERR_NO_MEMORY, "keeping figures");
        f->all = grown;
        f->room = room;
    }
    kept = strdup(instance);
    if (!kept)
        return err_of(ERR_NO_MEMORY, "keeping figures");
    f->all[f->count] = (struct figure){ .metric = metric, .instance = kept };
    *ret = &f->all[f->count++];
    return err_ok();
}

struct err figures_put(struct figures *f, const struct sample *sample, uint64_t now_ms)
{
    char           instance[INSTANCE_TEXT_MAX];
    struct figure *to;
    struct err     e;

    attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance);
    to = find(f, sample->metric, instance);
    if (!to) {
        e = add(f, sample->metric, instance, &to);
        if (failed(e))
            return e;
    }
    to->value = sample->value;
    to->at_ms = now_ms;
    return err_ok();
}

void figures_forget(struct figures *f, const struct metric *metrics, size_t metric_count, uint64_t before_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->count; i++) {
        const struct metric *metric = f->all[i].metric;

        if (f->all[i].at_ms < before_ms && metric >= metrics && metric < metrics + metric_count)
            free((char *)(uintptr_t)f->all[i].instance);
        else
            f->all[kept++] = f->all[i];
    }
    f->count = kept;
    f->next = 0;
}

size_t figures_count(const struct figures *f)
{
    return f->count;
}

const struct figure *figures_get(const struct figures *f, size_t i)
{
    return &f->all[i];
}
