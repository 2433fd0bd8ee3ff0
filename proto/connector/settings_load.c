/* What a person sets. */
#include "proto/connector/parts_load.h"

#include <stdio.h>
#include <string.h>

static const char *const type_names[] = {
    [SETTING_TEXT] = "text",       [SETTING_SECRET] = "secret",   [SETTING_HOST] = "host",
    [SETTING_URL] = "url",         [SETTING_WEBHOOK] = "webhook", [SETTING_INTEGER] = "integer",
    [SETTING_BOOLEAN] = "boolean", [SETTING_CHOICE] = "choice",   NULL,
};

const char *setting_type_name(unsigned type)
{
    return type_names[type];
}

/* A setting on its way in; "per": "severity" makes two of it. */
struct draft {
    struct setting setting;
    const char    *default_warning, *default_critical;
    bool           per_severity;
};

static void type_load(struct loader *l, const cJSON *item, void *into)
{
    struct setting *s = &((struct draft *)into)->setting;
    int             index = load_word(l, item, type_names);

    s->type = (uint8_t)(index < 0 ? 0 : index);
    s->secret = s->type == SETTING_SECRET || s->type == SETTING_WEBHOOK;
}

static void help_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.help = load_text(l, item);
}

static void example_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.example = load_text(l, item);
}

static void required_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.required = load_bool(l, item, false);
}

static void choices_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.choices = load_texts(l, item, 16);
}

static void max_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.max = (uint32_t)load_integer(l, item, 1, 4096);
}

static void least_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.least = load_integer(l, item, 0, INT32_MAX);
}

static void most_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->setting.most = load_integer(l, item, 0, INT32_MAX);
}

static void per_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const words[] = { "severity", NULL };

    ((struct draft *)into)->per_severity = load_word(l, item, words) == 0;
}

static void default_warning_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->default_warning = load_text(l, item);
}

static void default_critical_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct draft *)into)->default_critical = load_text(l, item);
}

static const struct member default_members[] = {
    { "warning", true, default_warning_load },
    { "critical", true, default_critical_load },
};

static void default_load(struct loader *l, const cJSON *item, void *into)
{
    struct draft *draft = into;

    if (cJSON_IsObject(item)) {
        if (!draft->per_severity)
            load_problem(l, "has a value for each severity, but the setting is not \"per\": \"severity\"");
        load_object(l, item, default_members, ARRAY_LEN(default_members), draft);
        return;
    }
    draft->default_warning = draft->default_critical = load_text(l, item);
}

static const struct member setting_members[] = {
    { "type", true, type_load },        { "help", true, help_load },        { "per", false, per_load },
    { "default", false, default_load }, { "example", false, example_load }, { "required", false, required_load },
    { "choices", false, choices_load }, { "max", false, max_load },         { "least", false, least_load },
    { "most", false, most_load },
};

static uint8_t setting_add(struct loader *l, const struct draft *draft, const char *name, const char *default_value)
{
    struct connector *c = l->c;
    struct setting   *s = &c->settings[c->setting_count];

    if (c->setting_count == SETTINGS_LIMIT) {
        load_problem(l, "more than %d settings", SETTINGS_LIMIT);
        return 0;
    }
    *s = draft->setting;
    s->name = name;
    s->default_value = default_value;
    return c->setting_count++;
}

static const char *with_ending(struct loader *l, const char *name, const char *ending)
{
    char text[2 * NAME_LIMIT];

    snprintf(text, sizeof text, "%s_%s", name, ending);
    return load_copy(l, text);
}

static void setting_name_add(struct loader *l, const struct draft *draft, const char *name)
{
    struct connector    *c = l->c;
    struct setting_name *to = &c->setting_names[c->setting_name_count];

    to->name = load_copy(l, name);
    if (draft->per_severity) {
        to->warning = setting_add(l, draft, with_ending(l, name, "warning"), draft->default_warning);
        to->critical = setting_add(l, draft, with_ending(l, name, "critical"), draft->default_critical);
    } else {
        to->warning = to->critical = setting_add(l, draft, to->name, draft->default_critical);
    }
    c->setting_name_count++;
}

void settings_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    if (!cJSON_IsObject(item) || load_count(item) > SETTINGS_LIMIT) {
        load_problem(l, "expected an object of at most %d settings", SETTINGS_LIMIT);
        return;
    }
    for (const cJSON *at = item->child; at; at = at->next) {
        struct draft draft = { .setting = { .max = 500, .most = INT32_MAX } };
        size_t       mark = load_enter(l, at->string);

        if (!load_name_ok(at->string))
            load_problem(l, "is not a name: a-z, 0-9 and _, a letter first");
        load_object(l, at, setting_members, ARRAY_LEN(setting_members), &draft);
        if (draft.setting.type == SETTING_CHOICE && !draft.setting.choices)
            load_problem(l, "\"choices\" is missing");
        if (draft.setting.required && draft.default_critical)
            load_problem(l, "is required and has a default: it can only be one of them");
        setting_name_add(l, &draft, at->string);
        load_leave(l, mark);
    }
}

/* [["token"], ["user", "password"]]: one of the groups is needed whole. */
void either_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    if (!cJSON_IsArray(item) || load_count(item) > GROUPS_LIMIT) {
        load_problem(l, "expected an array of at most %d groups of names", GROUPS_LIMIT);
        return;
    }
    for (const cJSON *group = item->child; group; group = group->next) {
        char               text[200] = "";
        size_t             used = 0;
        const char *const *names = load_texts(l, group, 4);

        for (size_t i = 0; names && names[i] && used < sizeof text; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? "," : "", names[i]);
        l->c->groups[l->c->group_count++] = load_copy(l, text);
    }
}
