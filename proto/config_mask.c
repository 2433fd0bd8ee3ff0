#include "proto/config_mask.h"

#include <ctype.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "proto/json.h"

#define LEFT_OUT "(left out)"

struct masking {
    config_left_out_fn *on_left_out;
    void               *context;
    struct err          err;
};

/* Does the name of an option or setting speak of a secret? */
static bool is_secretive(const char *name)
{
    static const char *const words[] = { "pass", "secret", "token", "auth", "cred", "key", "community", "header" };
    char                     lower[64];
    size_t                   len = 0;

    for (; name[len] && len + 1 < sizeof lower; len++)
        lower[len] = (char)tolower((unsigned char)name[len]);
    lower[len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(lower, words[i]))
            return true;
    return false;
}

/* secret: whoever looks for it elsewhere is told. */
static void leave_out(struct masking *m, cJSON *item, bool secret)
{
    if (!cJSON_IsString(item) && !cJSON_IsNumber(item))
        return;
    if (cJSON_IsString(item) && secret)
        m->on_left_out(m->context, item->valuestring);
    if (cJSON_IsString(item)) {
        if (!cJSON_SetValuestring(item, LEFT_OUT))
            m->err = err_of(ERR_NO_MEMORY, "leaving out secrets");
        return;
    }
    cJSON_SetNumberValue(item, 0);
}

/* Everything below, at any depth: a secret may stand anywhere, and what is said of the mistake may repeat it. */
static void leave_out_all(struct masking *m, cJSON *item)
{
    leave_out(m, item, true);
    for (cJSON *child = item->child; child; child = child->next)
        leave_out_all(m, child);
}

/* The program stays; "--password X" and "--password=X" are known to be secret, what else is cannot be told. */
static void mask_command(struct masking *m, cJSON *command)
{
    bool secret = false;

    if (!cJSON_IsArray(command) || !command->child)
        return;
    for (cJSON *arg = command->child->next; arg; arg = arg->next) {
        const char *equals = cJSON_IsString(arg) ? strchr(arg->valuestring, '=') : NULL;
        bool        names = cJSON_IsString(arg) && arg->valuestring[0] == '-' && is_secretive(arg->valuestring);

        if (names && equals)
            m->on_left_out(m->context, equals + 1);
        leave_out(m, arg, secret);
        secret = names && !equals;
    }
}

static void mask_settings(struct masking *m, cJSON *settings)
{
    for (cJSON *item = settings ? settings->child : NULL; item; item = item->next)
        leave_out(m, item, true); /* a setting that names a file is an object, and stays */
}

static void mask_good(struct masking *m, const cJSON *tree)
{
    cJSON *item;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(tree, "upstreams"))
        mask_settings(m, cJSON_GetObjectItemCaseSensitive(item, "settings"));
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(tree, "checks"))
        mask_command(m, cJSON_GetObjectItemCaseSensitive(item, "command"));
}

struct err config_mask(const char *text, size_t len, bool good, config_left_out_fn *on_left_out, void *context,
                       struct buf *into)
{
    struct masking m = { on_left_out, context, err_ok() };
    cJSON         *tree = NULL;
    struct err     e = json_parse(text, len, &json_limits_config, NULL, &tree);

    if (failed(e))
        return e;
    if (good)
        mask_good(&m, tree);
    else
        leave_out_all(&m, tree);
    e = failed(m.err) ? m.err : json_print(tree, true, into);
    cJSON_Delete(tree);
    return e;
}
