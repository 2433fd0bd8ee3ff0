/* Authentication: how each request shows who is asking. */
#include <string.h>

#include "proto/connector/parts_load.h"
#include "proto/connector/request_load.h"

// clang-format off
static const char *const kinds[] = {
    [AUTHKIND_NONE] = "none", [AUTHKIND_BASIC] = "basic", [AUTHKIND_HEADERS] = "headers", [AUTHKIND_BEARER] = "bearer",
    [AUTHKIND_OAUTH2_CLIENT] = "oauth2_client_credentials", [AUTHKIND_OAUTH2_PASSWORD] = "oauth2_password",
    [AUTHKIND_LOGIN] = "login", [AUTHKIND_HMAC] = "hmac", NULL,
};
// clang-format on

static void kind_load(struct loader *l, const cJSON *item, void *into)
{
    int index = load_word(l, item, kinds);

    ((struct auth *)into)->kind = (uint8_t)(index < 0 ? 0 : index);
}

static void when_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct auth *)into)->when);
}

static void user_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct auth *)into)->user);
}

static void password_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct auth *)into)->password);
}

static void token_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct auth *)into)->token);
}

static void scheme_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct auth *)into)->scheme = load_text(l, item);
}

static void auth_headers_load(struct loader *l, const cJSON *item, void *into)
{
    headers_load(l, item, &((struct auth *)into)->headers);
}

static void login_load(struct loader *l, const cJSON *item, void *into)
{
    struct auth *auth = into;

    operation_load(l, item, &auth->login);
    auth->login.name = "login";
    auth->login.request.credentials = false;
}

static void token_at_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointer(l, item, (void *)&((struct auth *)into)->token_at);
}

static void expires_in_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointer(l, item, (void *)&((struct auth *)into)->expires_in_at);
}

static void expires_at_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointer(l, item, (void *)&((struct auth *)into)->expires_at_at);
}

static void lifetime_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct auth *)into)->lifetime_s = (uint32_t)load_integer(l, item, 60, 30 * 86400);
}

static void early_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct auth *)into)->early_s = (uint32_t)load_integer(l, item, 1, 3600);
}

static void hash_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const names[] = { "sha1", "sha256", "sha384", "sha512", NULL };
    int                      index = load_word(l, item, names);

    ((struct auth *)into)->digest = (uint8_t)(index < 0 ? 0 : index);
}

static void print_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const names[] = { "base64", "hex", "base64_of_hex", NULL };
    int                      index = load_word(l, item, names);

    ((struct auth *)into)->print = (uint8_t)(index < 0 ? 0 : index);
}

static void key_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct auth *)into)->key);
}

static void text_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct auth *)into)->text);
}

static const struct member auth_members[] = {
    { "about", false, load_about },
    { "kind", true, kind_load },
    { "when", false, when_load },
    { "user", false, user_load },
    { "password", false, password_load },
    { "token", false, token_load },
    { "scheme", false, scheme_load },
    { "headers", false, auth_headers_load },
    { "login", false, login_load },
    { "token_at", false, token_at_load },
    { "expires_in_at", false, expires_in_load },
    { "expires_at_at", false, expires_at_load },
    { "lifetime_s", false, lifetime_load },
    { "early_s", false, early_load },
    { "hash", false, hash_load },
    { "print", false, print_load },
    { "key", false, key_load },
    { "sign", false, text_load },
};

// clang-format off
/* What each kind must have; everything else is optional. */
static const struct { uint8_t kind; const char *needs[3]; } needed[] = {
    { AUTHKIND_BASIC,           { "user", "password" } },
    { AUTHKIND_HEADERS,         { "headers" } },
    { AUTHKIND_BEARER,          { "token" } },
    { AUTHKIND_OAUTH2_CLIENT,   { "login" } },
    { AUTHKIND_OAUTH2_PASSWORD, { "login" } },
    { AUTHKIND_LOGIN,           { "login" } },
    { AUTHKIND_HMAC,            { "key", "sign", "headers" } },
};
// clang-format on

/* "grant_type" stands in the login's form or body, where a reader looks for it; it must be that of the kind. */
static void check_grant(struct loader *l, const cJSON *item, unsigned kind)
{
    const char  *want = kind == AUTHKIND_OAUTH2_CLIENT ? "client_credentials" : "password";
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(item, "login"), "request");
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(request, "form");
    const cJSON *grant;

    if (kind != AUTHKIND_OAUTH2_CLIENT && kind != AUTHKIND_OAUTH2_PASSWORD)
        return;
    if (!fields)
        fields = cJSON_GetObjectItemCaseSensitive(request, "body");
    grant = cJSON_GetObjectItemCaseSensitive(fields, "grant_type");
    if (!cJSON_IsString(grant) || strcmp(grant->valuestring, want) != 0)
        load_problem(l, "the login's form or body should have \"grant_type\": \"%s\"", want);
}

static void one_load(struct loader *l, const cJSON *item)
{
    struct auth *auth = &l->c->auths[l->c->auth_count];

    if (l->c->auth_count == AUTHS_LIMIT) {
        load_problem(l, "more than %d kinds of authentication", AUTHS_LIMIT);
        return;
    }
    *auth = (struct auth){ .scheme = "Bearer",
                           .token_at = "/access_token",
                           .expires_in_at = "/expires_in",
                           .lifetime_s = 3600,
                           .early_s = 60,
                           .digest = DIGEST_SHA256 };
    load_object(l, item, auth_members, ARRAY_LEN(auth_members), auth);
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        for (size_t n = 0; needed[i].kind == auth->kind && n < ARRAY_LEN(needed[i].needs) && needed[i].needs[n]; n++)
            if (!cJSON_HasObjectItem(item, needed[i].needs[n]))
                load_problem(l, "\"%s\" is missing for \"kind\": \"%s\"", needed[i].needs[n], kinds[auth->kind]);
    check_grant(l, item, auth->kind);
    l->c->auth_count++;
}

/* One, or several that apply together; "when" chooses by settings. */
void auth_load(struct loader *l, const cJSON *item, void *unused)
{
    size_t index = 0;

    (void)unused;
    l->scopes = SCOPES_OF_SESSION | 1U << SCOPE_AUTH | 1U << SCOPE_REQUEST;
    l->needs = &l->c->always;
    if (cJSON_IsArray(item)) {
        for (const cJSON *at = item->child; at; at = at->next) {
            size_t mark = load_enter_index(l, index++);

            one_load(l, at);
            load_leave(l, mark);
        }
    } else {
        one_load(l, item);
    }
    l->needs = NULL;
}
