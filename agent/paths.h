/* agent/paths.h - which files are the agent's.
 *
 * As root: /etc/picket/picket.json, /var/lib/picket, /run/picket. Otherwise, for a trial: the XDG folders of the user;
 * where the user has no configuration of their own, the machine's counts. A state folder given by hand (--state DIR)
 * holds everything but the configuration: two agents never meet.
 * Nothing is created here. Paths are absolute. Thread: any.
 */
#ifndef PICKET_AGENT_PATHS_H
#define PICKET_AGENT_PATHS_H

#include "platform/paths.h"

enum { FILE_PATH_BYTES = PLAT_PATH_BYTES + 32 };

struct paths {
    char config[FILE_PATH_BYTES];    /* picket.json; need not exist */
    char state_dir[PLAT_PATH_BYTES]; /* for us alone: 0700 */
    char run_dir[PLAT_PATH_BYTES];   /* for what does not outlive a boot */
    char outbox[FILE_PATH_BYTES];    /* state_dir/outbox.db */
    char logs[FILE_PATH_BYTES];      /* state_dir/logs: how far each was read */
    char control[FILE_PATH_BYTES];   /* run_dir/control.sock */
    char metrics[FILE_PATH_BYTES];   /* run_dir/metrics.sock: for those who scrape, if the configuration wants it */
    char courier_lock[FILE_PATH_BYTES]; /* run_dir/courier.lock: held by a courier as long as it lives */
    char lock[FILE_PATH_BYTES];      /* state_dir/lock: one agent per state folder */
    bool of_system;                  /* the machine's agent, not a trial */
};

/* state_override: NULL, or the folder of --state. NOT_FOUND: a user without a home; TOO_BIG. */
struct err paths_find(const char *state_override, struct paths *ret);

/* The same for one that need not run: the machine's, where the user has no database of their own. */
struct err paths_of_database(const char *state_override, struct paths *ret);

/* The machine's agent, whoever asks: what `status` looks for when the user has none running. */
void paths_system(struct paths *ret);

#endif
