/* Bodies, queries, forms and headers: trees whose leaves are templates. */
#include <stdio.h>
#include <string.h>

#include "proto/connector/escape.h"
#include "proto/connector/node_load.h"
#include "proto/connector/request_load.h"
#include "proto/connector/template.h"

struct leaf {
    struct node *node;
    enum place   place;
    const char  *name; /* of the parameter or member */
};

static struct node *node_load(struct loader *l, const cJSON *item, enum place place, const char *name);

static void settle_fixed(struct node *node)
{
    node->fixed = template_fixed(&node->text);
}

/* ---- {"$text": "...", "cut": 100, "language": "html"} and its kin ---- */

static void text_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;
    /* which language it is in is said by a member beside it, read before this one */
    const struct language *language = leaf->node->text.language;
    const char            *text = cJSON_IsString(item) ? item->valuestring : NULL;

    if (!text) {
        load_problem(l, "expected a text");
        return;
    }
    template_load(l, text, language ? PLACE_WORDS : leaf->place, leaf->name, &leaf->node->text);
    if (language)
        leaf->node->text.language = language;
    settle_fixed(leaf->node);
}

static void cut_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct leaf *)into)->node->cut = (uint32_t)load_integer(l, item, 1, TEMPLATE_TEXT_MAX);
}

/* "words" is for people: no quoting. */
static const struct language words = { .name = "words", .quote = "", .strip = "", .max = TEMPLATE_TEXT_MAX };

static void language_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;
    const char  *name = cJSON_IsString(item) ? item->valuestring : "";

    if (strcmp(name, words.name) == 0)
        leaf->node->text.language = &words;
    for (size_t i = 0; i < l->c->language_count; i++)
        if (strcmp(l->c->languages[i].name, name) == 0)
            leaf->node->text.language = &l->c->languages[i];
    if (!leaf->node->text.language)
        load_problem(l, "there is no language \"%.40s\"", name);
}

static void scalar_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;

    leaf->place = PLACE_WORDS; /* what comes out is checked to be a number or a truth value */
    text_load(l, item, into);
}

static void integer_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct leaf *)into)->node->kind = NODE_INTEGER;
    scalar_load(l, item, into);
}

static void number_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct leaf *)into)->node->kind = NODE_NUMBER;
    scalar_load(l, item, into);
}

static void boolean_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct leaf *)into)->node->kind = NODE_BOOLEAN;
    scalar_load(l, item, into);
}

static void json_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;

    leaf->node->kind = NODE_JSON;
    leaf->node->child = node_load(l, item, PLACE_BODY, NULL);
    leaf->node->fixed = leaf->node->child && leaf->node->child->fixed;
}

static void raw_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;
    struct template text = { 0 };

    leaf->node->kind = NODE_RAW;
    if (!cJSON_IsString(item)) {
        load_problem(l, "expected a text");
        return;
    }
    template_load(l, item->valuestring, PLACE_WORDS, NULL, &text);
    if (text.count != 1 || text.parts[0].literal || text.parts[0].ref.scope != SCOPE_FOUND)
        load_problem(l, "expected one value of found, \"{found.name}\"");
    else
        leaf->node->ref = text.parts[0].ref;
}

static void when_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;

    leaf->node->kind = NODE_WHEN;
    condition_load(l, item, &leaf->node->when);
}

static void then_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;

    leaf->node->child = node_load(l, item, leaf->place, leaf->name);
}

static void else_load(struct loader *l, const cJSON *item, void *into)
{
    struct leaf *leaf = into;
    struct node *then = leaf->node->child; /* made a moment ago by then_load */

    if (then)
        then->next = node_load(l, item, leaf->place, leaf->name);
}

// clang-format off
static const struct member text_members[] = {
    { "language", false, language_load }, { "cut", false, cut_load }, { "$text", true, text_load },
};
static const struct member integer_members[] = { { "$integer", true, integer_load } };
static const struct member number_members[]  = { { "$number",  true, number_load } };
static const struct member boolean_members[] = { { "$boolean", true, boolean_load } };
static const struct member json_members[]    = { { "$json",    true, json_load } };
static const struct member raw_members[]     = { { "$raw",     true, raw_load } };
static const struct member when_members[] = {
    { "$when", true, when_load }, { "then", true, then_load }, { "else", false, else_load },
};

static const struct { const char *sign; const struct member *members; size_t count; } special[] = {
    { "$text", text_members, ARRAY_LEN(text_members) },
    { "$integer", integer_members, ARRAY_LEN(integer_members) },
    { "$number", number_members, ARRAY_LEN(number_members) },
    { "$boolean", boolean_members, ARRAY_LEN(boolean_members) },
    { "$json", json_members, ARRAY_LEN(json_members) },
    { "$raw", raw_members, ARRAY_LEN(raw_members) },
    { "$when", when_members, ARRAY_LEN(when_members) },
};
// clang-format on

static bool special_load(struct loader *l, const cJSON *item, enum place place, const char *name, struct node *node)
{
    struct leaf leaf = { node, place, name };

    for (size_t i = 0; i < ARRAY_LEN(special); i++) {
        if (!cJSON_GetObjectItemCaseSensitive(item, special[i].sign))
            continue;
        node->kind = NODE_TEXT;
        load_object(l, item, special[i].members, special[i].count, &leaf);
        return true;
    }
    return false;
}

/* ---- trees ---- */

static void literal_load(struct loader *l, const cJSON *item, struct node *node)
{
    char *text = cJSON_PrintUnformatted(item);

    node->kind = NODE_LITERAL;
    node->fixed = true;
    node->literal = text ? load_copy(l, text) : NULL;
    l->no_memory |= !text;
    cJSON_free(text);
}

static struct node *children_load(struct loader *l, const cJSON *item, enum place place)
{
    struct node first = { 0 }, *last = &first;
    size_t      index = 0;

    for (const cJSON *at = item->child; at; at = at->next) {
        size_t mark = at->string ? load_enter(l, at->string) : load_enter_index(l, index++);

        if (at->string && at->string[0] == '$')
            load_problem(l, "is not known; known are $text, $integer, $number, $boolean, $json, $raw, $when");
        last->next = node_load(l, at, place, at->string);
        if (last->next) {
            last = last->next;
            if (at->string)
                template_load(l, at->string, PLACE_WORDS, NULL, &last->name);
        }
        load_leave(l, mark);
    }
    return first.next;
}

static struct node *node_load(struct loader *l, const cJSON *item, enum place place, const char *name)
{
    struct node *node = load_take(l, sizeof *node);

    if (!node)
        return NULL;
    if (cJSON_IsString(item)) {
        node->kind = NODE_TEXT;
        template_load(l, item->valuestring, place, name, &node->text);
        settle_fixed(node);
    } else if (!cJSON_IsObject(item) && !cJSON_IsArray(item)) {
        literal_load(l, item, node);
    } else if (!cJSON_IsObject(item) || !special_load(l, item, place, name, node)) {
        if (place != PLACE_BODY)
            load_problem(l, "expected a text, a number, true or false, or {\"$json\": ...}");
        node->kind = cJSON_IsObject(item) ? NODE_OBJECT : NODE_ARRAY;
        node->fixed = !item->child;
        node->child = children_load(l, item, place);
    }
    return node;
}

void body_load(struct loader *l, const cJSON *item, void *into_node)
{
    *(const struct node **)into_node = node_load(l, item, PLACE_BODY, NULL);
}

static void fields_load(struct loader *l, const cJSON *item, enum place place, void *into_node)
{
    if (!cJSON_IsObject(item)) {
        load_problem(l, "expected an object of names and values");
        return;
    }
    if (load_count(item) > HEADERS_LIMIT)
        load_problem(l, "more than %d names", HEADERS_LIMIT);
    *(const struct node **)into_node = children_load(l, item, place);
}

void query_load(struct loader *l, const cJSON *item, void *into_node)
{
    fields_load(l, item, PLACE_QUERY, into_node);
}

void headers_load(struct loader *l, const cJSON *item, void *into_node)
{
    fields_load(l, item, PLACE_HEADER, into_node);
    for (const cJSON *at = cJSON_IsObject(item) ? item->child : NULL; at; at = at->next)
        if (!header_name_ok(at->string))
            load_problem(l, "\"%.60s\" is not a header that a connector may set", at->string);
}
