/* platform/program.h - a program of this system, run for what it says.
 *
 * No shell, no standard input, the root folder, and an environment of its own (PATH, LC_ALL=C.UTF-8), unless ours is asked
 * for: what it does depends on its arguments alone. It leads a process group of its own; at the time limit, and once it has
 * ended, all of that group is killed. A descendant that left the group lives on, but is not waited for: half a second after the
 * program's own end its output counts as whole.
 * Thread: the loop's.
 * Ownership: a program is owned by whoever started it until plat_program_close; args are copied by the system.
 * Fails:  NOT_FOUND where there is no such program, DENIED where we may not run it or become the user.
 */
#ifndef PICKET_PLATFORM_PROGRAM_H
#define PICKET_PLATFORM_PROGRAM_H

#include <uv.h>

#include "platform/err.h"
#include "platform/user.h"

enum { PROGRAM_ARGS_MAX = 64, PROGRAM_ERR_MAX = 2048, PROGRAM_OUT_MAX = 16 * 1024 * 1024 };

struct plat_program;

enum plat_program_end { PROGRAM_EXITED, PROGRAM_SIGNALLED, PROGRAM_TIMED_OUT };

/* Lent for the call. Both texts end with a NUL beyond their length. */
struct plat_program_result {
    enum plat_program_end end;
    int                   status; /* of EXITED */
    int                   signal; /* of SIGNALLED */
    const char           *out, *err_text;
    size_t                out_len, err_len;
    bool                  out_cut; /* there was more than output_max; only the first bytes are here */
    uint64_t              took_ms;
};

/* Once, from the loop and never from within start. After it only plat_program_close may be called; from within it may. */
typedef void plat_program_done_fn(void *context, const struct plat_program_result *result);

struct plat_program_options {
    const char *const      *args;   /* args[0]: a path, or a name that is looked up in the system's own folders; ends with
                                     * NULL */
    const char             *folder; /* NULL: the root folder */
    const struct plat_user *become; /* NULL: stay who we are */
    bool                    keep_environment; /* ours; for a program of our own */
    bool                    stay_in_group;    /* ours, so that whoever ends that ends it as well; it alone is killed then,
                                               * not what it started */
    uint32_t                timeout_ms;
    size_t                  output_max; /* bytes of standard output that are kept; of standard error PROGRAM_ERR_MAX */
    plat_program_done_fn   *on_done;
    void                   *context;
};

struct err plat_program_start(uv_loop_t *loop, const struct plat_program_options *options, struct plat_program **ret);
uint64_t   plat_program_id(const struct plat_program *program); /* process number, for people */

/* Kills its group if it still runs, and forgets it: no on_done after this. The handles close on the loop. */
void plat_program_close(struct plat_program **program);

/* Where a name is found in the system's own folders; NOT_FOUND. */
struct err plat_program_find(const char *name, char *into, size_t size);

/* "exit code 2", "killed by signal 11", "no end within 10 s"; for people. Returns into. */
const char *plat_program_end_print(const struct plat_program_result *result, char *into, size_t size);

#endif
