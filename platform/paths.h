/* platform/paths.h - where this system wants a program's files.
 *
 * The administrator gets the system's own folders, whatever the environment says; anyone else gets folders of their
 * own (XDG Base Directory Specification 0.8), for a trial without rights. Nothing is created here. Paths are absolute.
 * Thread: any, but not while another changes the environment.
 */
#ifndef PICKET_PLATFORM_PATHS_H
#define PICKET_PLATFORM_PATHS_H

#include <stdbool.h>

#include "platform/err.h"

enum { PLAT_PATH_BYTES = 512 };

struct plat_paths {
    char config_dir[PLAT_PATH_BYTES]; /* "/etc/picket" or "~/.config/picket" */
    char state_dir[PLAT_PATH_BYTES];  /* "/var/lib/picket" or "~/.local/state/picket" */
    char run_dir[PLAT_PATH_BYTES];    /* "/run/picket", "$XDG_RUNTIME_DIR/picket" or, without one, state_dir */
    bool of_system;                   /* the system's own, not one person's */
};

/* Those of whoever we run as. NOT_FOUND: an account without a home. TOO_BIG: longer than fits. */
struct err plat_paths_find(struct plat_paths *ret);

/* The system's own, whoever asks: where an installed agent is found. */
void plat_paths_system(struct plat_paths *ret);

bool plat_path_exists(const char *path);
bool plat_path_is_absolute(const char *path);

/* The absolute form of a path that someone typed; it need not exist. size: of into. */
struct err plat_path_complete(const char *typed, char *into, size_t size);

#endif
