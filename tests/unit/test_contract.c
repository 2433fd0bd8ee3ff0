/* Plays every conversation of tests/contract: our own tables of what vendors are asked and what they answer. */
#include "check.h"

#include <dirent.h>

#include "play.h"

enum { FILES_MAX = 64 };

static size_t play_file(const char *path)
{
    size_t            len, failures = 0;
    char             *text = play_file_read(path, &len);
    cJSON            *file = text ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    struct problems   problems = { .count = 0 };
    struct connector *connector = NULL;
    struct play       p = { .file = file };
    const cJSON      *a_case;

    if (!file)
        fail_msg("%s is not JSON", path);
    if (failed(connector_builtin(play_text(file, "connector", "?"), &problems, &connector)))
        fail_msg("%s: %s: %s", path, problems.items[0].path, problems.items[0].text);
    p.connector = connector;
    cJSON_ArrayForEach(a_case, cJSON_GetObjectItemCaseSensitive(file, "cases"))
    {
        if (play_case(&p, a_case))
            continue;
        print_error("%s: \"%s\": %s\n", play_text(file, "connector", "?"), play_text(a_case, "name", "?"), p.why);
        failures++;
    }
    connector_free(&connector);
    cJSON_Delete(file);
    free(text);
    return failures;
}

static void every_written_conversation_goes_as_written(void **state)
{
    DIR           *folder = opendir(PICKET_SOURCE_DIR "/tests/contract");
    struct dirent *entry;
    size_t         files = 0, failures = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        size_t len = strlen(entry->d_name);
        char   path[600];

        if (len < 6 || strcmp(entry->d_name + len - 5, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "%s/tests/contract/%s", PICKET_SOURCE_DIR, entry->d_name);
        failures += play_file(path);
        files++;
    }
    closedir(folder);
    assert_true(files > 0);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_written_conversation_goes_as_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
