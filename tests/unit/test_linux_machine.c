#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/parse.h"
#include "platform/machine.h"

static void os_release_values_lose_their_quotes(void **state)
{
    static const struct {
        const char *text, *key, *want;
    } cases[] = {
        { "ID=debian\n", "ID", "debian" },
        { "ID=debian", "ID", "debian" },
        { "ID=debian\r\n", "ID", "debian" },
        { "VERSION_ID=\"12\"\n", "VERSION_ID", "12" },
        { "VERSION_ID='12'\n", "VERSION_ID", "12" },
        { "PRETTY_NAME=\"A \\\"B\\\" \\$C\\\\D\"\n", "PRETTY_NAME", "A \"B\" $C\\D" },
        { "PRETTY_NAME='A \\B'\n", "PRETTY_NAME", "A \\B" },
        { "PRETTY_NAME=\"open\n", "PRETTY_NAME", "\"open" },
        { "PRETTY_NAME=\"\"\n", "PRETTY_NAME", "" },
        { "PRETTY_NAME=\"a\tb\033c\"\n", "PRETTY_NAME", "a b c" },
        { "ID=one\nID=two\n", "ID", "two" },
        { "MY_ID=x\n# ID=y\n", "ID", "" },
        { "ID=12345678901234567890123456789012\n", "ID", "" },
        { "ID=\"\\\n", "ID", "\"\\" },
        { "ID\n=\n", "ID", "" },
        { "", "ID", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char value[32] = "before";

        plat_os_release_parse(cases[i].text, strlen(cases[i].text), cases[i].key, value, sizeof value);
        assert_string_equal(value, cases[i].want);
    }
}

static void captured_files_name_the_system(void **state)
{
    static const struct {
        const char *name, *os_name, *id, *version;
    } cases[] = {
        { "linux/os-release/debian12", "Debian GNU/Linux 12 (bookworm)", "debian", "12" },
        { "linux/os-release/ubuntu22", "Ubuntu 22.04.3 LTS", "ubuntu", "22.04" },
        { "linux/os-release/alpine318", "Alpine Linux v3.18", "alpine", "3.18.4" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char  *text = fixture_read(cases[i].name, &len), value[64];

        plat_os_release_parse(text, len, "PRETTY_NAME", value, sizeof value);
        assert_string_equal(value, cases[i].os_name);
        plat_os_release_parse(text, len, "ID", value, sizeof value);
        assert_string_equal(value, cases[i].id);
        plat_os_release_parse(text, len, "VERSION_ID", value, sizeof value);
        assert_string_equal(value, cases[i].version);
        free(text);
    }
}

static void this_machine_has_names(void **state)
{
    struct plat_machine m;

    (void)state;
    assert_int_equal(plat_machine_read(&m).code, ERR_OK);
    assert_true(m.host_name[0] && m.kernel[0] && m.architecture[0] && m.cpus > 0);
    assert_true(strlen(m.id) == 0 || strlen(m.id) == 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(os_release_values_lose_their_quotes),
        cmocka_unit_test(captured_files_name_the_system),
        cmocka_unit_test(this_machine_has_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
