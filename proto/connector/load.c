#include "proto/connector/load.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/connector/pointer.h"

void load_problem(struct loader *l, const char *format, ...)
{
    char    text[PROBLEM_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    problem_add(l->problems, l->path, "%s", text);
    l->problem_count++;
}

bool load_failed(const struct loader *l)
{
    return l->problem_count > 0 || l->no_memory;
}

size_t load_enter(struct loader *l, const char *name)
{
    size_t mark = strlen(l->path);

    snprintf(l->path + mark, sizeof l->path - mark, "%s%s", mark ? "." : "", name);
    return mark;
}

size_t load_enter_index(struct loader *l, size_t index)
{
    size_t mark = strlen(l->path);

    snprintf(l->path + mark, sizeof l->path - mark, "[%zu]", index);
    return mark;
}

void load_leave(struct loader *l, size_t mark)
{
    l->path[mark] = '\0';
}

static const struct member *member_of(const struct member *members, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

void load_object(struct loader *l, const cJSON *item, const struct member *members, size_t count, void *into)
{
    if (!cJSON_IsObject(item)) {
        load_problem(l, "expected an object");
        return;
    }
    for (const cJSON *at = item->child; at; at = at->next)
        if (!member_of(members, count, at->string))
            load_problem(l, "\"%.60s\" is not known here", at->string);
    for (size_t i = 0; i < count; i++) { /* in the table's order: names before those who use them */
        const cJSON *at = cJSON_GetObjectItemCaseSensitive(item, members[i].name);
        size_t       mark;

        if (at) {
            mark = load_enter(l, members[i].name);
            members[i].load(l, at, into);
            load_leave(l, mark);
        } else if (members[i].required) {
            load_problem(l, "\"%s\" is missing", members[i].name);
        }
    }
}

const char *load_text(struct loader *l, const cJSON *item)
{
    if (!cJSON_IsString(item)) {
        load_problem(l, "expected a text");
        return NULL;
    }
    return load_copy(l, item->valuestring);
}

bool load_bool(struct loader *l, const cJSON *item, bool otherwise)
{
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item);
    load_problem(l, "expected true or false");
    return otherwise;
}

int64_t load_integer(struct loader *l, const cJSON *item, int64_t least, int64_t most)
{
    double number = cJSON_IsNumber(item) ? item->valuedouble : NAN;

    if (number >= (double)least && number <= (double)most && number == floor(number))
        return (int64_t)number;
    load_problem(l, "expected a whole number from %lld to %lld", (long long)least, (long long)most);
    return least;
}

int load_word(struct loader *l, const cJSON *item, const char *const *names)
{
    char   list[160] = "";
    size_t used = 0;

    for (int i = 0; names[i]; i++) {
        if (cJSON_IsString(item) && strcmp(item->valuestring, names[i]) == 0)
            return i;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    load_problem(l, "expected one of: %s", list);
    return -1;
}

bool load_name_ok(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len < NAME_LIMIT && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

const char *const *load_texts(struct loader *l, const cJSON *item, size_t limit)
{
    size_t       count = cJSON_IsArray(item) ? load_count(item) : 1;
    const cJSON *at = cJSON_IsArray(item) ? item->child : item;
    const char **texts;
    size_t       n = 0;

    if (count == 0 || count > limit) {
        load_problem(l, "expected 1 to %zu texts", limit);
        return NULL;
    }
    texts = load_take(l, (count + 1) * sizeof *texts);
    for (; texts && at && n < count; at = at->next) {
        texts[n] = load_text(l, at);
        if (!texts[n++])
            return NULL;
    }
    return texts;
}

void load_pointer(struct loader *l, const cJSON *item, void *into_text)
{
    const char *text = load_text(l, item);

    if (text && !pointer_ok(text))
        load_problem(l, "\"%.60s\" is not a JSON pointer: it is empty or begins with /", text);
    else if (text)
        *(const char **)into_text = text;
}

void load_pointers(struct loader *l, const cJSON *item, void *into_pointers)
{
    struct pointers   *to = into_pointers;
    const char *const *texts = load_texts(l, item, POINTERS_LIMIT);

    for (; texts && *texts; texts++) {
        if (!pointer_ok(*texts))
            load_problem(l, "\"%.60s\" is not a JSON pointer: it is empty or begins with /", *texts);
        else
            to->at[to->count++] = *texts;
    }
}

void load_about(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    for (const cJSON *at = cJSON_IsArray(item) ? item->child : item; at; at = cJSON_IsArray(item) ? at->next : NULL)
        if (!cJSON_IsString(at))
            load_problem(l, "expected a text or an array of texts");
}

void *load_take(struct loader *l, size_t size)
{
    void *taken = text_pool_take(l->c->pool, size ? size : 1);

    if (!taken)
        l->no_memory = true;
    return taken;
}

const char *load_copy(struct loader *l, const char *text)
{
    const char *copy = text_pool_copy(l->c->pool, text, strlen(text));

    if (!copy)
        l->no_memory = true;
    return copy ? copy : "";
}

size_t load_count(const cJSON *item)
{
    size_t count = 0;

    for (const cJSON *at = item->child; at; at = at->next)
        count++;
    return count;
}
