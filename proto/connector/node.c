/* Trees of templates as JSON or text. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/answer.h"
#include "proto/connector/escape.h"
#include "proto/connector/request.h"
#include "proto/connector/template.h"

static struct err put_text(const struct node *node, struct env *env, struct buf *into)
{
    size_t     from = into->len;
    struct err e = template_render(&node->text, env, into);

    if (!failed(e) && node->cut)
        text_cut(into, from, node->cut);
    return e;
}

static struct err unfit(struct env *env, const char *what, const char *value)
{
    snprintf(env->trouble, sizeof env->trouble, "expected %s, got \"%.40s\"", what, value);
    return err_of(ERR_MALFORMED, "filling in a request");
}

/* A leaf whose text becomes JSON of its own kind; never anything but a number or a truth value. */
static struct err put_scalar(const struct node *node, struct env *env, const char *text, struct buf *into)
{
    size_t digits = strspn(text, "0123456789-.+eE");
    char  *end = NULL;
    double number;

    if (node->kind == NODE_BOOLEAN) {
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return unfit(env, "true or false", text);
        return buf_add_text(into, text);
    }
    number = strtod(text, &end);
    if (digits != strlen(text) || *end != '\0' || !isfinite(number))
        return unfit(env, "a number", text);
    if (node->kind == NODE_INTEGER) {
        if (number != floor(number) || fabs(number) >= 9007199254740992.0)
            return unfit(env, "a whole number", text);
        return buf_printf(into, "%.0f", number);
    }
    return buf_printf(into, "%.17g", number);
}

static struct err leaf_json(const struct node *node, struct env *env, struct buf *into, bool *ret_empty)
{
    struct buf text;
    struct err e;

    buf_init(&text, TEMPLATE_TEXT_MAX);
    e = put_text(node, env, &text);
    *ret_empty = !failed(e) && text.len == 0 && !node->fixed;
    if (!failed(e) && !*ret_empty)
        e = node->kind == NODE_TEXT ? escape_json(into, buf_text(&text), text.len)
                                    : put_scalar(node, env, buf_text(&text), into);
    buf_done(&text);
    return e;
}

static struct err member_name(const struct node *node, struct env *env, struct buf *into)
{
    struct buf text;
    struct err e;

    buf_init(&text, TEMPLATE_TEXT_MAX);
    e = template_render(&node->name, env, &text);
    if (!failed(e))
        e = escape_json(into, buf_text(&text), text.len);
    if (!failed(e))
        e = buf_add_byte(into, ':');
    buf_done(&text);
    return e;
}

/* What is empty is taken back, comma and name with it; a tree of nothing but empties is empty itself. */
static struct err children_json(const struct node *node, struct env *env, struct buf *into, bool *ret_empty)
{
    bool       object = node->kind == NODE_OBJECT;
    size_t     start = into->len, count = 0;
    struct err e = buf_add_byte(into, object ? '{' : '[');

    for (const struct node *at = node->child; at && !failed(e); at = at->next) {
        size_t mark = into->len;
        bool   empty = false;

        if (count > 0)
            e = buf_add_byte(into, ',');
        if (!failed(e) && object)
            e = member_name(at, env, into);
        if (!failed(e))
            e = node_json(at, env, into, &empty);
        if (failed(e))
            break;
        if (empty)
            buf_cut(into, mark);
        else
            count++;
    }
    *ret_empty = count == 0 && !node->fixed;
    if (*ret_empty)
        buf_cut(into, start);
    else if (!failed(e))
        e = buf_add_byte(into, object ? '}' : ']');
    return e;
}

/* What an answer held, in again. It was printed by us from a checked tree. */
static struct err raw_json(const struct node *node, struct env *env, struct buf *into, bool *ret_empty)
{
    char        scratch[ENV_SCRATCH_MAX];
    const char *text = env_value(env, node->ref, scratch);
    cJSON      *tree = NULL;
    struct err  e;

    *ret_empty = text[0] == '\0';
    if (*ret_empty)
        return err_ok();
    if (text[0] != '{' && text[0] != '[')
        return escape_json(into, text, strlen(text));
    e = json_parse(text, strlen(text), &json_limits_answer, NULL, &tree);
    if (!failed(e))
        e = json_print(tree, false, into);
    cJSON_Delete(tree);
    return e;
}

static struct err json_in_text(const struct node *node, struct env *env, struct buf *into, bool *ret_empty)
{
    struct buf text;
    struct err e;

    buf_init(&text, BODY_MAX);
    e = node_json(node->child, env, &text, ret_empty);
    if (!failed(e) && !*ret_empty)
        e = escape_json(into, buf_text(&text), text.len);
    buf_done(&text);
    return e;
}

static const struct node *chosen(const struct node *node, struct env *env)
{
    if (condition_holds(node->when, NULL, NULL, env))
        return node->child;
    return node->child ? node->child->next : NULL;
}

struct err node_json(const struct node *node, struct env *env, struct buf *into, bool *ret_empty)
{
    *ret_empty = false;
    switch (node->kind) {
    case NODE_LITERAL:
        return buf_add_text(into, node->literal);
    case NODE_OBJECT:
    case NODE_ARRAY:
        return children_json(node, env, into, ret_empty);
    case NODE_JSON:
        return json_in_text(node, env, into, ret_empty);
    case NODE_RAW:
        return raw_json(node, env, into, ret_empty);
    case NODE_WHEN:
        node = chosen(node, env);
        *ret_empty = !node;
        return node ? node_json(node, env, into, ret_empty) : err_ok();
    default:
        return leaf_json(node, env, into, ret_empty);
    }
}

struct err node_text(const struct node *node, struct env *env, struct buf *into)
{
    bool empty;

    switch (node->kind) {
    case NODE_TEXT:
        return put_text(node, env, into);
    case NODE_LITERAL:
        return buf_add_text(into, strcmp(node->literal, "null") == 0 ? "" : node->literal);
    case NODE_JSON:
        return node_json(node->child, env, into, &empty);
    case NODE_WHEN:
        node = chosen(node, env);
        return node ? node_text(node, env, into) : err_ok();
    default:
        return node_json(node, env, into, &empty);
    }
}
