#include "platform/paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool plat_path_is_absolute(const char *path)
{
    return path[0] == '/';
}

bool plat_path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static struct err join(char *into, size_t size, const char *folder, const char *rest)
{
    int len = snprintf(into, size, "%s%s", folder, rest);

    return len < 0 || (size_t)len >= size ? err_of(ERR_TOO_BIG, "making a path") : err_ok();
}

struct err plat_path_complete(const char *typed, char *into, size_t size)
{
    char here[PLAT_PATH_BYTES];

    if (plat_path_is_absolute(typed))
        return join(into, size, typed, "");
    if (!getcwd(here, sizeof here - 1))
        return err_from_os(errno, "finding the current folder");
    strcat(here, "/");
    return join(into, size, here, typed);
}

void plat_paths_system(struct plat_paths *ret)
{
    *ret = (struct plat_paths){
        .config_dir = "/etc/picket",
        .state_dir = "/var/lib/picket",
        .run_dir = "/run/picket",
        .of_system = true,
    };
}

/* A relative or empty value counts as not set (the specification's words). */
static const char *absolute_env(const char *name)
{
    const char *value = getenv(name);

    return value && plat_path_is_absolute(value) ? value : NULL;
}

static const char *home(void)
{
    const char          *folder = absolute_env("HOME");
    const struct passwd *account = folder ? NULL : getpwuid(geteuid());

    if (!folder && account && plat_path_is_absolute(account->pw_dir))
        folder = account->pw_dir;
    return folder;
}

static struct err own_folder(const char *env, const char *below_home, char *into, size_t size)
{
    const char *folder = absolute_env(env);

    if (folder)
        return join(into, size, folder, "/picket");
    folder = home();
    if (!folder)
        return err_of(ERR_NOT_FOUND, "finding the home folder");
    return join(into, size, folder, below_home);
}

static struct err own_paths(struct plat_paths *ret)
{
    const char *run = absolute_env("XDG_RUNTIME_DIR");
    struct err  e;

    e = own_folder("XDG_CONFIG_HOME", "/.config/picket", ret->config_dir, sizeof ret->config_dir);
    if (!failed(e))
        e = own_folder("XDG_STATE_HOME", "/.local/state/picket", ret->state_dir,
                       sizeof ret->state_dir);
    if (!failed(e))
        e = join(ret->run_dir, sizeof ret->run_dir, run ? run : ret->state_dir,
                 run ? "/picket" : "");
    return e;
}

struct err plat_paths_find(struct plat_paths *ret)
{
    struct plat_paths own = { .of_system = false };
    struct err        e = err_ok();

    if (geteuid() == 0)
        plat_paths_system(&own);
    else
        e = own_paths(&own);
    if (!failed(e))
        *ret = own;
    return e;
}
