/* tests/unit/small_connector.h - a small connector of no vendor, for tests that change one thing in it. */
#ifndef PICKET_TESTS_SMALL_CONNECTOR_H
#define PICKET_TESTS_SMALL_CONNECTOR_H

#include "check.h"

#include <cjson/cJSON.h>

#include "proto/connector/connector.h"

static const char small_text[] =
    "{\"name\": \"small\", \"title\": \"Small\", \"version\": 1, \"role\": \"ticket\","
    " \"settings\": {"
    "   \"url\": {\"type\": \"url\", \"required\": true, \"help\": \"where it is\"},"
    "   \"key\": {\"type\": \"secret\", \"help\": \"its key\"},"
    "   \"board\": {\"type\": \"text\", \"default\": \"Alerts\", \"help\": \"a board\"},"
    "   \"level\": {\"type\": \"choice\", \"choices\": [\"low\", \"high\"], \"per\": \"severity\","
    "               \"default\": {\"warning\": \"low\", \"critical\": \"high\"}, \"help\": \"a level\"}},"
    " \"languages\": {\"sql\": {\"quote\": \"'\", \"escape\": {\"'\": \"''\"}, \"used_in\": [\"where\"]}},"
    " \"base\": \"{settings.url}/api\","
    " \"auth\": {\"kind\": \"bearer\", \"token\": \"{settings.key}\"},"
    " \"picks\": {\"board\": {\"by\": \"{settings.board}\", \"value\": \"/id\", \"required\": true,"
    "   \"ask\": {\"settings\": [\"board\"], \"request\": {\"path\": \"/boards\"}, \"list\": \"/items\","
    "             \"match\": {\"/name\": \"{pick.by}\"}}}},"
    " \"ticket\": {\"dedupe\": \"exact\", \"settle_s\": 5,"
    "   \"find\": {\"request\": {\"path\": \"/tickets\", \"query\": {\"where\": \"ref = {facts.ref}\"}}, \"list\": "
    "\"/items\","
    "              \"match\": {\"/ref\": \"{facts.ref}\"}, \"values\": {\"id\": \"/id\"}},"
    "   \"get\": {\"request\": {\"path\": \"/tickets/{ticket.id}\"}, \"closed\": {\"/open\": false},"
    "             \"touched\": {\"/owner\": {\"exists\": true}}},"
    "   \"create\": {\"request\": {\"method\": \"POST\", \"path\": \"/tickets\", \"body\": {\"ref\": \"{facts.ref}\","
    "                \"title\": \"{facts.title}\", \"board\": {\"$integer\": \"{picks.board}\"}, \"level\": "
    "\"{settings.level}\"}},"
    "                \"expect\": {\"/id\": {\"exists\": true}}, \"values\": {\"id\": \"/id\"}},"
    "   \"note\": {\"request\": {\"method\": \"POST\", \"path\": \"/tickets/{ticket.id}/notes\","
    "              \"body\": {\"text\": \"{facts.note}\"}}, \"expect\": {\"/id\": {\"exists\": true}}, \"on_closed\": "
    "true},"
    "   \"close\": {\"request\": {\"method\": \"PATCH\", \"path\": \"/tickets/{ticket.id}\", \"body\": {\"open\": "
    "false}},"
    "               \"expect\": {\"/open\": false}}}}";

/* The element that a path like "/ticket/find" names; *ret_name is what is left where it is not there yet. */
static inline cJSON *small_walk(cJSON *root, const char *path, const char **ret_name)
{
    static char name[80];
    cJSON      *at = root;

    while (*path) {
        size_t len = strcspn(path + 1, "/");
        cJSON *next;

        snprintf(name, sizeof name, "%.*s", (int)len, path + 1);
        *ret_name = name;
        path += len + 1;
        if (!*path)
            return at;
        next = cJSON_GetObjectItemCaseSensitive(at, name);
        if (!next)
            fail_msg("nothing at %s", path);
        at = next;
    }
    return at;
}

/* Puts JSON at a path, or takes it away where json is NULL. */
static inline void small_set(cJSON *root, const char *path, const char *json)
{
    const char *name = NULL;
    cJSON      *parent = small_walk(root, path, &name), *value = json ? cJSON_Parse(json) : NULL;

    if (json && !value)
        fail_msg("not JSON in the test: %s", json);
    if (cJSON_GetObjectItemCaseSensitive(parent, name))
        cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
    if (value)
        cJSON_AddItemToObject(parent, name, value);
}

struct small_change {
    const char *path, *json;
};

/* The small connector with up to count changes (a path of NULL ends them). */
static inline struct err small_parse(const struct small_change *changes, size_t count, struct problems *problems,
                                     struct connector **ret)
{
    cJSON     *root = cJSON_Parse(small_text);
    char      *text;
    struct err e;

    assert_non_null(root);
    for (size_t i = 0; i < count && changes[i].path; i++)
        small_set(root, changes[i].path, changes[i].json);
    text = cJSON_PrintUnformatted(root);
    e = connector_parse(text, strlen(text), problems, ret);
    cJSON_free(text);
    cJSON_Delete(root);
    return e;
}

static inline struct connector *small_good(const struct small_change *changes, size_t count)
{
    struct problems   problems = { .count = 0 };
    struct connector *c = NULL;

    if (failed(small_parse(changes, count, &problems, &c)))
        fail_msg("%s: %s", problems.items[0].path, problems.items[0].text);
    return c;
}

#endif
