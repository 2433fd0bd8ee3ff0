/* platform/child.h - another process of this same program.
 *
 * The child runs the very file we run, also when an upgrade has replaced it on disk meanwhile, so
 * that both sides of a link always are of one version. It starts in the root folder with a small
 * environment (path, language, time zone, proxies, where the log goes), no standard input, standard
 * output and error going to our standard error, and out of reach of the terminal's Ctrl+C.
 * Thread: the loop's.
 * Ownership: a child is owned by whoever spawned it until plat_child_close; descriptors to pass are
 * lent for the call, and the caller closes its own afterwards.
 * Fails:  DENIED where we may not become the user; otherwise what the system said.
 */
#ifndef PICKET_PLATFORM_CHILD_H
#define PICKET_PLATFORM_CHILD_H

#include <uv.h>

#include "platform/err.h"
#include "platform/user.h"

enum { CHILD_PASS_FIRST = 3, CHILD_PASS_MAX = 4 }; /* what is passed arrives as 3, 4, ... */

struct plat_child;

/* After it only plat_child_close may be called. signal is 0 unless one ended it. */
typedef void plat_child_exit_fn(void *context, int64_t status, int signal);

struct plat_child_options {
    const char *const      *args; /* args[0] is the program's name; ends with NULL */
    int                     pass[CHILD_PASS_MAX];
    size_t                  pass_count;
    const struct plat_user *become; /* NULL: stay who we are */
    plat_child_exit_fn     *on_exit;
    void                   *context;
};

struct err plat_child_spawn(uv_loop_t *loop, const struct plat_child_options *options, struct plat_child **ret);
uint64_t   plat_child_id(const struct plat_child *child); /* process number, for people */
void       plat_child_kill(struct plat_child *child);     /* at once and for good; on_exit follows */

/* Kills it if it still runs, and forgets it: no on_exit after this. The handle closes on the loop.
 * May be called from on_exit. */
void plat_child_close(struct plat_child **child);

/* A link between two processes, as two descriptors that no other child inherits: ours to keep,
 * theirs to pass. */
struct err plat_child_link(int *ret_ours, int *ret_theirs);

/* What process lists call us from now on; at most 15 bytes count. */
void plat_child_name_self(const char *name);

#endif
