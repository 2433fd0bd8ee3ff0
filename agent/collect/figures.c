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

static void let_go(struct figure *figure)
{
    free((struct attr *)(uintptr_t)figure->attrs);
}

void figures_free(struct figures **at)
{
    struct figures *f = *at;

    if (!f)
        return;
    *at = NULL;
    for (size_t i = 0; i < f->count; i++)
        let_go(&f->all[i]);
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

/* Have the attributes that only describe it changed? What names it has not: the instance is the same. */
static bool is_as_kept(const struct figure *figure, const struct sample *sample)
{
    size_t at = 0;

    for (size_t i = 0; i < sample->attr_count; i++) {
        if (attr_is_passing(sample->attrs[i].key))
            continue;
        if (at == figure->attr_count || strcmp(figure->attrs[at].key, sample->attrs[i].key) != 0 ||
            strcmp(figure->attrs[at].value, sample->attrs[i].value) != 0)
            return false;
        at++;
    }
    return at == figure->attr_count;
}

static char *keep_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char  *kept = memcpy(*at, text, size);

    *at += size;
    return kept;
}

/* Attributes, then their values and the instance, in one piece. */
static struct err keep_names(struct figure *figure, const struct sample *sample, const char *instance)
{
    size_t       size = strlen(instance) + 1, count = 0;
    struct attr *attrs;
    char        *texts;

    for (size_t i = 0; i < sample->attr_count; i++)
        size += sizeof *attrs + strlen(sample->attrs[i].value) + 1;
    attrs = malloc(size);
    if (!attrs)
        return err_of(ERR_NO_MEMORY, "keeping figures");
    texts = (char *)(attrs + sample->attr_count);
    for (size_t i = 0; i < sample->attr_count; i++)
        if (!attr_is_passing(sample->attrs[i].key))
            attrs[count++] = (struct attr){ sample->attrs[i].key, keep_text(&texts, sample->attrs[i].value) };
    instance = keep_text(&texts, instance);
    let_go(figure);
    figure->instance = instance;
    figure->attrs = attrs;
    figure->attr_count = count;
    return err_ok();
}

static struct err add(struct figures *f, const struct metric *metric, struct figure **ret)
{
    size_t         room = f->room ? 2 * f->room : 32;
    struct figure *grown;

    if (f->count == FIGURES_MAX)
        return err_of(ERR_TOO_BIG, "keeping figures");
    if (f->count == f->room) {
        grown = realloc(f->all, room * sizeof *grown);
        if (!grown)
            return err_of(ERR_NO_MEMORY, "keeping figures");
        f->all = grown;
        f->room = room;
    }
    f->all[f->count] = (struct figure){ .metric = metric };
    *ret = &f->all[f->count];
    return err_ok();
}

struct err figures_put(struct figures *f, const struct sample *sample, uint64_t now_ms)
{
    char           instance[INSTANCE_TEXT_MAX];
    struct figure *to;
    bool           is_new;
    struct err     e = err_ok();

    attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance);
    to = find(f, sample->metric, instance);
    is_new = !to;
    if (is_new)
        e = add(f, sample->metric, &to);
    if (!failed(e) && (is_new || !is_as_kept(to, sample)))
        e = keep_names(to, sample, instance);
    if (failed(e))
        return e;
    f->count += is_new;
    to->value = sample->value;
    to->at_ms = now_ms;
    return e;
}

void figures_forget(struct figures *f, const struct metric *metrics, size_t metric_count, uint64_t before_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->count; i++) {
        const struct metric *metric = f->all[i].metric;

        if (f->all[i].at_ms < before_ms && metric >= metrics && metric < metrics + metric_count)
            let_go(&f->all[i]);
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
