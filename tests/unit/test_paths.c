#include "tests/unit/check.h"

#include <unistd.h>

#include "agent/paths.h"

/* Root's folders are fixed; what the environment says counts for others alone. Run by root it is both in turn. */
static void set_environment(const char *home, const char *config, const char *state_home, const char *run)
{
    const char *const names[] = { "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR" };
    const char *const values[] = { home, config, state_home, run };

    for (int i = 0; i < 4; i++) {
        if (values[i])
            setenv(names[i], values[i], 1);
        else
            unsetenv(names[i]);
    }
}

static void root_has_the_systems_folders_whatever_the_environment_says(void **state)
{
    struct paths paths;

    (void)state;
    if (geteuid() != 0)
        skip_because("needs root");
    set_environment("/evil", "/evil", "/evil", "/evil");
    assert_false(failed(paths_find(NULL, &paths)));
    assert_string_equal(paths.config, "/etc/picket/picket.json");
    assert_string_equal(paths.state_dir, "/var/lib/picket");
    assert_string_equal(paths.outbox, "/var/lib/picket/outbox.db");
    assert_string_equal(paths.control, "/run/picket/control.sock");
    assert_true(paths.of_system);
}

static void a_state_folder_by_hand_holds_all_but_the_configuration(void **state)
{
    struct paths paths;
    char         here[256], want[512];

    (void)state;
    set_environment("/people/x", NULL, NULL, "/run/user/7");
    assert_false(failed(paths_find("/tmp/trial", &paths)));
    assert_string_equal(paths.outbox, "/tmp/trial/outbox.db");
    assert_string_equal(paths.lock, "/tmp/trial/lock");
    assert_string_equal(paths.control, "/tmp/trial/control.sock");
    assert_false(paths.of_system);
    assert_false(failed(paths_find("trial", &paths)));
    assert_non_null(getcwd(here, sizeof here));
    snprintf(want, sizeof want, "%s/trial/lock", here);
    assert_string_equal(paths.lock, want);
}

static void others_have_folders_of_their_own(void **state)
{
    static const struct {
        const char *home, *config_home, *state_home, *run;
        const char *config, *lock, *control;
    } cases[] = {
        { "/people/x", NULL, NULL, NULL, "/people/x/.config/picket/picket.json", "/people/x/.local/state/picket/lock",
          "/people/x/.local/state/picket/control.sock" },
        { "/people/x", "/c", "/s", "/r", "/c/picket/picket.json", "/s/picket/lock", "/r/picket/control.sock" },
        { "/people/x", "relative", "", "r", "/people/x/.config/picket/picket.json", "/people/x/.local/state/picket/lock",
          "/people/x/.local/state/picket/control.sock" },
    };
    bool was_root = geteuid() == 0;

    (void)state;
    if (was_root && access("/etc/picket/picket.json", F_OK) == 0)
        skip_because("an agent is installed here: its configuration counts where the user has none");
    assert_int_equal(was_root ? seteuid(65534) : 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct paths paths;

        set_environment(cases[i].home, cases[i].config_home, cases[i].state_home, cases[i].run);
        assert_false(failed(paths_find(NULL, &paths)));
        assert_string_equal(paths.config, cases[i].config);
        assert_string_equal(paths.lock, cases[i].lock);
        assert_string_equal(paths.control, cases[i].control);
        assert_false(paths.of_system);
    }
    assert_int_equal(was_root ? seteuid(0) : 0, 0);
}

static void what_is_too_long_is_refused(void **state)
{
    char         folder[PLAT_PATH_BYTES + 2];
    struct paths paths;

    (void)state;
    memset(folder, 'x', sizeof folder);
    folder[0] = '/';
    folder[sizeof folder - 1] = '\0';
    assert_int_equal(paths_find(folder, &paths).code, ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_has_the_systems_folders_whatever_the_environment_says),
        cmocka_unit_test(a_state_folder_by_hand_holds_all_but_the_configuration),
        cmocka_unit_test(others_have_folders_of_their_own),
        cmocka_unit_test(what_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
