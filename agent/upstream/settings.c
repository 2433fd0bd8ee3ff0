#include "agent/upstream/settings.h"

#include <stdio.h>
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

static struct err read_secret(const struct link_setting *setting, struct problems *problems,
                              struct buf *into)
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
            e = read_secret(s, problems, &secrets[i]);
        if (failed(e) && !failed(first))
            first = e;
        values[i].name = s->name;
        values[i].value = s->is_file ? buf_text(&secrets[i]) : s->value;
    }
    e = first;
    if (!failed(e))
        e = session_new(connector, values, setup->setting_count, problems, ret);
    for (size_t i = 0; i < setup->setting_count; i++)
        plat_secret_done(&secrets[i]);
    return e;
}
