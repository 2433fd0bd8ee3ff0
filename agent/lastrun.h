/* agent/lastrun.h - how the run of the system before this one ended: shut down, or not.
 *
 * systemd writes no wtmp any more on new systems, so the agent keeps a mark of its own: the file "last-run" in the state
 * folder says in which run of the system it works, and whether it was told to stop. A mark of another run that was never
 * told to stop was left by a machine that lost its power, hung or crashed. Where the system's own records say otherwise,
 * they are right: the agent may have been killed.
 * The verdict is kept in the mark, so that it is the same however often the agent is started in this run.
 * Thread: the loop's; touches the disk. A mark that cannot be kept makes no noise: the verdict is then unknown next time.
 */
#ifndef PICKET_AGENT_LASTRUN_H
#define PICKET_AGENT_LASTRUN_H

#include "platform/crashes.h"

enum { LASTRUN_BOOT_BYTES = 40 };

struct lastrun {
    enum plat_ending ending;
    int64_t          seen_ms; /* when the agent was last at work in that run; 0: not known */
};

/* Of the warden, once it has the state folder; then until it stops. */
void lastrun_open(const char *state_dir);
void lastrun_close(void);

/* Without an open: by the system's records alone. Tells the mark that we are at work. */
void lastrun_get(struct lastrun *ret);

/* Pure: the mark that was found (text, "" for none), and what the system says of itself now. Returns what to write, which
 * says "at work". */
struct lastrun_now {
    const char      *boot;
    enum plat_ending recorded; /* plat_ending_read */
    int64_t          mark_ms;  /* when the mark was touched last */
};
void lastrun_judge(const char *text, const struct lastrun_now *now, struct lastrun *ret);

#endif
