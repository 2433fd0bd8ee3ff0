/* connector_requests FILE... - every request of the written conversations (tests/contract/NAME.json), one JSON line each.
 *
 * {"connector", "case", "operation", "method", "url", "headers": {}, "body": text or null}: for checking them against a
 * vendor's description with a program that knows such descriptions. Ends with 1 if a conversation does not go as written.
 */
#include "../unit/play.h"

static void request_print(const struct play *p, const struct task_request *r)
{
    cJSON *line = cJSON_CreateObject(), *headers;
    char  *text;

    cJSON_AddStringToObject(line, "connector", connector_name(p->connector));
    cJSON_AddStringToObject(line, "case", play_text(p->a_case, "name", "?"));
    cJSON_AddStringToObject(line, "operation", r->operation);
    cJSON_AddStringToObject(line, "method", r->method);
    cJSON_AddStringToObject(line, "url", r->url);
    headers = cJSON_AddObjectToObject(line, "headers");
    for (size_t i = 0; i < r->header_count; i++)
        cJSON_AddStringToObject(headers, r->headers[i].name, r->headers[i].value);
    cJSON_AddItemToObject(line, "body", r->body ? cJSON_CreateString(r->body) : cJSON_CreateNull());
    text = cJSON_PrintUnformatted(line);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(line);
}

static bool file_print(const char *path)
{
    char             *text = play_file_read(path, NULL);
    cJSON            *file = text ? cJSON_Parse(text) : NULL;
    struct problems   problems = { .count = 0 };
    struct connector *connector = NULL;
    struct play       p = { .file = file, .on_request = request_print };
    bool         good = file && !failed(connector_builtin(play_text(file, "connector", "?"), &problems, &connector));
    const cJSON *a_case;

    p.connector = connector;
    for (a_case = good ? cJSON_GetObjectItemCaseSensitive(file, "cases")->child : NULL; a_case; a_case = a_case->next) {
        good = play_case(&p, a_case) && good;
        if (p.why[0])
            fprintf(stderr, "%s: \"%s\": %s\n", path, play_text(a_case, "name", "?"), p.why);
    }
    connector_free(&connector);
    cJSON_Delete(file);
    free(text);
    return good;
}

int main(int argc, char **argv)
{
    bool good = argc > 1;

    for (int i = 1; i < argc; i++)
        good = file_print(argv[i]) && good;
    return good ? 0 : 1;
}
