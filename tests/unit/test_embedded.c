#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "agent/watch/embedded.h"
#include "proto/connector/embedded.h"

static void check(const struct embedded_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cJSON *json = cJSON_Parse((const char *)files[i].data);

        assert_true(files[i].name[0] != '\0' && !strchr(files[i].name, '.'));
        assert_int_equal(strlen((const char *)files[i].data), files[i].len);
        assert_non_null(json);
        cJSON_Delete(json);
    }
    assert_null(files[count].name);
}

static void every_connector_is_json_under_its_name(void **state)
{
    (void)state;
    check(connector_files, connector_file_count);
}

static void every_product_is_json_under_its_name(void **state)
{
    (void)state;
    check(product_files, product_file_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_connector_is_json_under_its_name),
        cmocka_unit_test(every_product_is_json_under_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
