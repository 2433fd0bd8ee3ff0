#include "platform/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/inherit.h"

/* The file we run, whatever has happened to its name since: an upgrade replaces it, and the new
 * one's frames may differ from ours. */
static const char self[] = "/proc/self/exe";

/* What a child gets of our environment. The last three are for programs under test. */
static const char *const kept[] = {
    "PATH",     "LANG",     "LC_ALL",         "TZ",           "https_proxy",   "HTTPS_PROXY",  "all_proxy", "ALL_PROXY",
    "no_proxy", "NO_PROXY", "JOURNAL_STREAM", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
};

struct plat_child {
    uv_process_t        process;
    plat_child_exit_fn *on_exit; /* NULL: nobody wants to know any more */
    void               *context;
    bool                exited, closing;
};

/* ---- the end ---- */

static void closed(uv_handle_t *handle)
{
    free(container_of(handle, struct plat_child, process));
}

/* Whoever forgot the child while it ran left us its handle until the system has buried it. */
static void bury(struct plat_child *child)
{
    if (!child->closing)
        uv_close((uv_handle_t *)&child->process, closed);
    child->closing = true;
}

static void process_exited(uv_process_t *process, int64_t status, int signal)
{
    struct plat_child *child = container_of(process, struct plat_child, process);

    child->exited = true;
    if (child->on_exit)
        child->on_exit(child->context, status, signal);
    else
        bury(child);
}

void plat_child_kill(struct plat_child *child)
{
    if (!child->exited)
        uv_process_kill(&child->process, SIGKILL);
}

void plat_child_close(struct plat_child **child)
{
    struct plat_child *c = *child;

    if (!c)
        return;
    *child = NULL;
    plat_child_kill(c);
    c->on_exit = NULL;
    if (c->exited)
        bury(c);
}

uint64_t plat_child_id(const struct plat_child *child)
{
    return (uint64_t)child->process.pid;
}

/* ---- the beginning ---- */

enum { KEPT = ARRAY_LEN(kept), ENVIRONMENT = KEPT + 1, ARGS_MAX = 15 };

static void free_environment(char **environment)
{
    for (size_t i = 0; environment[i]; i++)
        free(environment[i]);
}

/* Only what is named: what is not there cannot be leaked, nor change what the child does. */
static bool make_environment(char *environment[ENVIRONMENT])
{
    size_t count = 0;

    memset(environment, 0, ENVIRONMENT * sizeof *environment);
    for (size_t i = 0; i < KEPT; i++) {
        const char *value = getenv(kept[i]);

        if (!value)
            continue;
        if (asprintf(&environment[count], "%s=%s", kept[i], value) < 0) {
            environment[count] = NULL;
            free_environment(environment);
            return false;
        }
        count++;
    }
    return true;
}

static void set_stdio(const struct plat_child_options *options, uv_stdio_container_t *stdio)
{
    stdio[0].flags = UV_IGNORE;
    for (int fd = 1; fd <= 2; fd++) {
        stdio[fd].flags = UV_INHERIT_FD;
        stdio[fd].data.fd = 2; /* standard output may be a report of ours */
    }
    for (size_t i = 0; i < options->pass_count; i++) {
        stdio[CHILD_PASS_FIRST + i].flags = UV_INHERIT_FD;
        stdio[CHILD_PASS_FIRST + i].data.fd = options->pass[i];
    }
}

static int spawn(uv_loop_t *loop, const struct plat_child_options *options, char **args, char **environment,
                 struct plat_child *child)
{
    uv_stdio_container_t stdio[CHILD_PASS_FIRST + CHILD_PASS_MAX];
    uv_process_options_t o = {
        .exit_cb = process_exited,
        .file = access(self, X_OK) == 0 ? self : (const char *)getauxval(AT_EXECFN), /* there may be no /proc */
        .args = args,
        .env = environment,
        .cwd = "/",
        .stdio = stdio,
        .stdio_count = CHILD_PASS_FIRST + (int)options->pass_count,
    };

    set_stdio(options, stdio);
    o.flags = UV_PROCESS_DETACHED; /* Ctrl+C in a terminal is for us; we end our children */
    if (options->become) {
        o.flags |= UV_PROCESS_SETUID | UV_PROCESS_SETGID; /* and no other groups */
        o.uid = options->become->id;
        o.gid = options->become->group;
    }
    return uv_spawn(loop, &child->process, &o);
}

struct err plat_child_spawn(uv_loop_t *loop, const struct plat_child_options *options, struct plat_child **ret)
{
    char              *args[ARGS_MAX + 1] = { NULL }; /* execve's signature wants them writable */
    char              *environment[ENVIRONMENT];
    struct plat_child *child;
    int                status;
    size_t             count = 0;

    while (options->args[count])
        count++;
    if (options->pass_count > CHILD_PASS_MAX || count > ARGS_MAX)
        return err_of(ERR_TOO_BIG, "starting a process");
    memcpy(args, options->args, count * sizeof *args);
    child = calloc(1, sizeof *child);
    if (!child || !make_environment(environment)) {
        free(child);
        return err_of(ERR_NO_MEMORY, "starting a process");
    }
    child->on_exit = options->on_exit;
    child->context = options->context;
    inherit_no_descriptors();
    status = spawn(loop, options, args, environment, child);
    free_environment(environment);
    if (status == 0)
        *ret = child;
    else
        bury(child); /* the handle is libuv's even so */
    return status == 0 ? err_ok() : err_from_os(status, "starting a process");
}

/* ---- links and names ---- */

struct err plat_child_link(int *ret_ours, int *ret_theirs)
{
    int both[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0)
        return err_from_os(errno, "making a link to a process");
    *ret_ours = both[0];
    *ret_theirs = both[1];
    return err_ok();
}

void plat_child_name_self(const char *name)
{
    prctl(PR_SET_NAME, name);
}
