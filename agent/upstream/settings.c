#include "agent/upstream/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/file.h"
#include "platform/secret.h"

enum { CONNECTOR_FILE_MAX = 256 * 1024 };

static struct err file_problem(struct problems *problems, const char *path, const char *file,
                               struct err e)
{
    char text[160];

    problem_add(problems, path, "%s: %s", file, err_print(e, text, sizeof text));
    return e;
}

struct err settings_connector(const struct link_setup *setup, struct problems *problems,
                              struct connector **ret)
{
    struct buf text;
    struct err e;

    if (!setup->connector_file[0])
        return connector_builtin(setup->connector, problems, ret);
    buf_init(&text, CONNECTOR_FILE_MAX);
    e = plat_file_read(setup->connector_file, &text);
    if (failed(e))
        e = file_problem(problems, "connector_file", setup->connector_file, e);
    else
        e = connector_parse(text.data, text.len, problems, ret);
    buf_done(&text);
    return e;
}

struct err settings_secret(const struct link_setting *setting, struct problems *problems, struct buf *into)
{
    char       path[PROBLEM_PATH_MAX], remedy[PROBLEM_TEXT_MAX];
    struct err e = plat_secret_read(setting->value, into);

    if (!failed(e))
        return e;
    snprintf(path, sizeof path, "settings.%s", setting->name);
    plat_secret_remedy(setting->value, e, remedy, sizeof remedy);
    problem_add(problems, path, "%s", remedy);
    return e;
}

/* The engine names settings alone; here they stand below "settings". */
static struct err begin_session(const struct connector *connector, const struct session_setting *values, size_t count,
                                struct problems *problems, struct session **ret)
{
    struct problems *own = calloc(1, sizeof *own);
    struct err       e;

    if (!own)
        return err_of(ERR_NO_MEMORY, "beginning a session");
    e = session_new(connector, values, count, own, ret);
    for (size_t i = 0; i < own->count; i++) {
        char path[PROBLEM_PATH_MAX];

        if (snprintf(path, sizeof path, "settings%s%s", own->items[i].path[0] ? "." : "", own->items[i].path) < 0)
            path[0] = '\0';
        problem_add(problems, path, "%s", own->items[i].text);
    }
    free(own);
    return e;
}

struct err settings_session(const struct link_setup *setup, const struct connector *connector,
                            struct problems *problems, struct session **ret)
{
    struct session_setting values[LINK_SETTINGS_MAX];
    struct buf             secrets[LINK_SETTINGS_MAX];
    struct err             e = err_ok(), first = err_ok();

    for (size_t i = 0; i < setup->setting_count; i++)
        buf_init(&secrets[i], SECRET_MAX_BYTES);
    for (size_t i = 0; i < setup->setting_count; i++) {
        const struct link_setting *s = &setup->settings[i];

        if (s->is_file)
            e = settings_secret(s, problems, &secrets[i]);
        if (failed(e) && !failed(first))
            first = e;
        values[i].name = s->name;
        values[i].value = s->is_file ? buf_text(&secrets[i]) : s->value;
    }
    e = first;
    if (!failed(e))
        e = begin_session(connector, values, setup->setting_count, problems, ret);
    for (size_t i = 0; i < setup->setting_count; i++)
        plat_secret_done(&secrets[i]);
    return e;
}
