#include "agent/rule/instance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct err instance_set_init(struct instance_set *set, size_t rule_count)
{
    *set = (struct instance_set){ .rule_count = rule_count };
    if (rule_count == 0)
        return err_ok();
    set->first = calloc(rule_count, sizeof *set->first);
    return set->first ? err_ok() : err_of(ERR_NO_MEMORY, "keeping rules");
}

void instance_set_done(struct instance_set *set)
{
    for (size_t r = 0; set->first && r < set->rule_count; r++)
        while (set->first[r])
            instance_drop(set, &set->first[r]);
    free(set->first);
    *set = (struct instance_set){ 0 };
}

/* FNV-1a. Names come from this machine; a chain can grow no longer than RULE_INSTANCES_MAX. */
static uint32_t hash_of(size_t rule, const char *name)
{
    uint32_t hash = 2166136261u ^ (uint32_t)rule;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

struct instance *instance_find(const struct instance_set *set, size_t rule, const char *name)
{
    uint32_t         hash = hash_of(rule, name);
    struct instance *i = set->buckets[hash % INSTANCE_BUCKETS];

    while (i && (i->hash != hash || i->rule != rule || strcmp(i->name, name) != 0))
        i = i->next_in_bucket;
    return i;
}

struct err instance_add(struct instance_set *set, size_t rule, const char *name,
                        struct instance **ret)
{
    size_t            len = strlen(name);
    struct instance **end = &set->first[rule], *i;

    if (set->count == RULE_INSTANCES_MAX)
        return err_of(ERR_TOO_BIG, "keeping an instance of a rule");
    i = calloc(1, sizeof *i + len + 1);
    if (!i)
        return err_of(ERR_NO_MEMORY, "keeping an instance of a rule");
    memcpy(i->name, name, len + 1);
    i->hash = hash_of(rule, name);
    i->rule = (uint16_t)rule;
    i->value = NAN;
    i->until_s = NAN;
    i->met = RULE_YES;
    i->next_in_bucket = set->buckets[i->hash % INSTANCE_BUCKETS];
    set->buckets[i->hash % INSTANCE_BUCKETS] = i;
    while (*end)
        end = &(*end)->next_in_rule;
    *end = i;
    set->count++;
    *ret = i;
    return err_ok();
}

void instance_drop(struct instance_set *set, struct instance **at)
{
    struct instance  *i = *at;
    struct instance **link = &set->buckets[i->hash % INSTANCE_BUCKETS];

    while (*link != i)
        link = &(*link)->next_in_bucket;
    *link = i->next_in_bucket;
    *at = i->next_in_rule;
    set->count--;
    free(i->attrs);
    free(i->trend);
    free(i->flaps);
    free(i);
}

static bool same_attrs(const struct instance *i, const struct attr *attrs, size_t count)
{
    if (i->attr_count != count)
        return false;
    for (size_t a = 0; a < count; a++)
        if (strcmp(i->attrs[a].key, attrs[a].key) != 0 ||
            strcmp(i->attrs[a].value, attrs[a].value) != 0)
            return false;
    return true;
}

struct err instance_keep_attrs(struct instance *i, const struct attr *attrs, size_t count)
{
    size_t       size = count * sizeof *attrs;
    struct attr *copy;
    char        *text;

    if (same_attrs(i, attrs, count))
        return err_ok();
    for (size_t a = 0; a < count; a++)
        size += strlen(attrs[a].value) + 1;
    copy = malloc(size ? size : 1);
    if (!copy)
        return err_of(ERR_NO_MEMORY, "keeping an instance of a rule");
    text = (char *)(copy + count);
    for (size_t a = 0; a < count; a++) {
        size_t len = strlen(attrs[a].value) + 1;

        copy[a] = (struct attr){ attrs[a].key, text };
        text = (char *)memcpy(text, attrs[a].value, len) + len;
    }
    free(i->attrs);
    i->attrs = copy;
    i->attr_count = (uint8_t)count;
    return err_ok();
}
