#include "agent/paths.h"

#include <stdio.h>

static void name_files(const struct plat_paths *folders, struct paths *ret)
{
    ret->of_system = folders->of_system;
    snprintf(ret->state_dir, sizeof ret->state_dir, "%s", folders->state_dir);
    snprintf(ret->run_dir, sizeof ret->run_dir, "%s", folders->run_dir);
    snprintf(ret->config, sizeof ret->config, "%s/picket.json", folders->config_dir);
    snprintf(ret->outbox, sizeof ret->outbox, "%s/outbox.db", folders->state_dir);
    snprintf(ret->logs, sizeof ret->logs, "%s/logs", folders->state_dir);
    snprintf(ret->control, sizeof ret->control, "%s/control.sock", folders->run_dir);
    snprintf(ret->metrics, sizeof ret->metrics, "%s/metrics.sock", folders->run_dir);
    snprintf(ret->courier_lock, sizeof ret->courier_lock, "%s/courier.lock", folders->run_dir);
    snprintf(ret->lock, sizeof ret->lock, "%s/lock", folders->state_dir);
}

void paths_system(struct paths *ret)
{
    struct plat_paths folders;

    plat_paths_system(&folders);
    name_files(&folders, ret);
}

struct err paths_find(const char *state_override, struct paths *ret)
{
    struct plat_paths folders;
    struct paths      of_system;
    struct err        e = plat_paths_find(&folders);

    if (!failed(e) && state_override) {
        e = plat_path_complete(state_override, folders.state_dir, sizeof folders.state_dir);
        snprintf(folders.run_dir, sizeof folders.run_dir, "%s", folders.state_dir);
        folders.of_system = false;
    }
    if (failed(e))
        return e;
    name_files(&folders, ret);
    paths_system(&of_system);
    if (!plat_path_exists(ret->config) && plat_path_exists(of_system.config))
        snprintf(ret->config, sizeof ret->config, "%s", of_system.config);
    return e;
}

struct err paths_of_database(const char *state_override, struct paths *ret)
{
    struct err e = paths_find(state_override, ret);

    if (!failed(e) && !state_override && !ret->of_system && !plat_path_exists(ret->outbox))
        paths_system(ret);
    return e;
}
