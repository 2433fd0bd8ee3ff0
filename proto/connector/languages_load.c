/* Query languages and markups: how a value is kept inside its place. */
#include "proto/connector/parts_load.h"

#include <string.h>

static void quote_load(struct loader *l, const cJSON *item, void *into)
{
    const char *text = load_text(l, item);

    if (text && strlen(text) > 1)
        load_problem(l, "expected one character, or \"\" for a markup");
    ((struct language *)into)->quote = text;
}

static void strip_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct language *)into)->strip = load_text(l, item);
}

static void escape_load(struct loader *l, const cJSON *item, void *into)
{
    size_t       count = load_count(item), n = 0;
    const char **escapes;

    if (!cJSON_IsObject(item) || count > 16) {
        load_problem(l, "expected an object of at most 16 characters and what stands for them");
        return;
    }
    escapes = load_take(l, (2 * count + 2) * sizeof *escapes);
    for (const cJSON *at = item->child; escapes && at; at = at->next) {
        if (strlen(at->string) != 1 || !cJSON_IsString(at)) {
            load_problem(l, "\"%.20s\": expected one ASCII character and a text", at->string);
            continue;
        }
        escapes[n++] = load_copy(l, at->string);
        escapes[n++] = load_copy(l, at->valuestring);
    }
    ((struct language *)into)->escapes = escapes;
}

static void used_in_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct language *)into)->used_in = load_texts(l, item, 16);
}

static void max_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct language *)into)->max = (uint32_t)load_integer(l, item, 1, 65536);
}

static const struct member language_members[] = {
    { "about", false, load_about },   { "quote", true, quote_load },      { "strip", false, strip_load },
    { "escape", false, escape_load }, { "used_in", false, used_in_load }, { "max", false, max_load },
};

static bool handled(const struct language *language, char c)
{
    for (const char *const *at = language->escapes; at && *at; at += 2)
        if (at[0][0] == c)
            return true;
    return language->strip && strchr(language->strip, c);
}

/* What would let a value out of its place has to be escaped or stripped. */
static void check(struct loader *l, const struct language *language)
{
    const char *dangers = language->quote[0] ? language->quote : "<&";

    for (; *dangers; dangers++)
        if (!handled(language, *dangers))
            load_problem(l, "'%c' is neither in \"escape\" nor in \"strip\": a value could end its own quotes",
                         *dangers);
    for (const char *const *at = language->escapes; at && *at; at += 2)
        if (at[1][0] == '\\' && !handled(language, '\\')) {
            load_problem(l, "'\\' itself is neither in \"escape\" nor in \"strip\"");
            break;
        }
}

void languages_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    if (!cJSON_IsObject(item) || load_count(item) > LANGUAGES_LIMIT) {
        load_problem(l, "expected an object of at most %d languages", LANGUAGES_LIMIT);
        return;
    }
    for (const cJSON *at = item->child; at; at = at->next) {
        struct language *language = &l->c->languages[l->c->language_count];
        size_t           mark = load_enter(l, at->string);

        *language = (struct language){ .name = load_copy(l, at->string), .strip = "", .max = 1024 };
        if (!load_name_ok(at->string))
            load_problem(l, "is not a name: a-z, 0-9 and _, a letter first");
        load_object(l, at, language_members, ARRAY_LEN(language_members), language);
        if (!language->quote)
            language->quote = "";
        else
            check(l, language);
        if (!language->strip)
            language->strip = "";
        l->c->language_count++;
        load_leave(l, mark);
    }
}
