#include "proto/connector/pointer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 128, VISITS_MAX = 20000 };

bool pointer_ok(const char *pointer)
{
    size_t from = 0;

    if (pointer[0] != '\0' && pointer[0] != '/')
        return false;
    for (size_t i = 0; pointer[i]; i++) {
        if (pointer[i] == '~' && pointer[i + 1] != '0' && pointer[i + 1] != '1')
            return false;
        if (pointer[i] == '/')
            from = i;
        if (i - from >= TOKEN_MAX)
            return false;
    }
    return true;
}

/* The token behind the slash, unescaped; returns what follows it. */
static const char *token_read(const char *pointer, char token[TOKEN_MAX])
{
    size_t len = 0;

    for (pointer++; *pointer && *pointer != '/'; pointer++) {
        char c = *pointer;

        if (c == '~' && pointer[1])
            c = *++pointer == '1' ? '/' : '~';
        if (len < TOKEN_MAX - 1)
            token[len++] = c;
    }
    token[len] = '\0';
    return pointer;
}

static const cJSON *element(const cJSON *at, const char *token)
{
    size_t digits = strspn(token, "0123456789");

    if (cJSON_IsObject(at))
        return cJSON_GetObjectItemCaseSensitive(at, token);
    if (cJSON_IsArray(at) && digits > 0 && digits < 7 && !token[digits])
        return cJSON_GetArrayItem(at, atoi(token));
    return NULL;
}

struct walk {
    pointer_fn *each;
    void       *context;
    size_t      visits; /* "*" may not make an answer expensive */
};

/* Does the element fit "*", or "[name=value]"? */
static bool fits(const cJSON *item, const char *token)
{
    char         name[TOKEN_MAX], scratch[SCALAR_TEXT_MAX];
    const char  *equals = strchr(token, '='), *text;
    const cJSON *member;

    if (token[0] == '*')
        return true;
    snprintf(name, sizeof name, "%.*s", (int)(equals - token - 1), token + 1);
    member = cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, name) : NULL;
    text = member ? scalar_text(member, scratch) : NULL;
    return text && strncmp(text, equals + 1, strlen(text)) == 0 && strcmp(equals + 1 + strlen(text), "]") == 0;
}

static bool is_any(const char *token)
{
    return strcmp(token, "*") == 0 || (token[0] == '[' && strchr(token, '=') && token[strlen(token) - 1] == ']');
}

/* Recursion is as deep as the pointer, which the file bounds. */
static bool walk(struct walk *w, const cJSON *at, const char *pointer)
{
    char token[TOKEN_MAX];

    if (++w->visits > VISITS_MAX)
        return false;
    if (!*pointer)
        return w->each(w->context, at);
    pointer = token_read(pointer, token);
    if (!is_any(token)) {
        at = element(at, token);
        return at ? walk(w, at, pointer) : true;
    }
    if (!cJSON_IsArray(at) && !cJSON_IsObject(at))
        return true;
    for (const cJSON *item = at->child; item; item = item->next)
        if (fits(item, token) && !walk(w, item, pointer))
            return false;
    return true;
}

bool pointer_each(const cJSON *tree, const char *pointer, pointer_fn *each, void *context)
{
    struct walk w = { each, context, 0 };

    return tree ? walk(&w, tree, pointer) : true;
}

static bool first(void *context, const cJSON *at)
{
    *(const cJSON **)context = at;
    return false;
}

const cJSON *pointer_get(const cJSON *tree, const char *pointer)
{
    const cJSON *found = NULL;

    pointer_each(tree, pointer, first, &found);
    return found;
}

const char *scalar_text(const cJSON *at, char into[SCALAR_TEXT_MAX])
{
    if (cJSON_IsString(at))
        return at->valuestring;
    if (cJSON_IsBool(at))
        return cJSON_IsTrue(at) ? "true" : "false";
    if (!cJSON_IsNumber(at))
        return NULL;
    if (at->valuedouble == floor(at->valuedouble) && fabs(at->valuedouble) < 9007199254740992.0)
        snprintf(into, SCALAR_TEXT_MAX, "%lld", (long long)at->valuedouble);
    else
        snprintf(into, SCALAR_TEXT_MAX, "%.17g", at->valuedouble);
    return into;
}
