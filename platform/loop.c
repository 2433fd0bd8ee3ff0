#include "platform/loop.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIPES = 5 }; /* a loop takes at most nine descriptors */

static void end(uv_file descriptor)
{
    uv_fs_t request;

    uv_fs_close(NULL, &request, descriptor, NULL);
    uv_fs_req_cleanup(&request);
}

/* Whether there are as many descriptors as a loop takes. */
static int try_descriptors(void)
{
    uv_file pipes[PIPES][2];
    int     count = 0, status = 0;

    while (count < PIPES && status == 0) {
        status = uv_pipe(pipes[count], 0, 0);
        count += status == 0;
    }
    while (count-- > 0) {
        end(pipes[count][0]);
        end(pipes[count][1]);
    }
    return status;
}

/* libuv aborts where its table of descriptors cannot grow. */
static void *grow(void *old, size_t size)
{
    void *grown = realloc(old, size);

    if (!grown && size) {
        fputs("out of memory: ending\n", stderr);
        _Exit(LOOP_NO_MEMORY);
    }
    return grown;
}

static void end_instead_of_abort(void)
{
    uv_replace_allocator(malloc, grow, calloc, free);
}

struct err plat_loop_init(uv_loop_t *loop)
{
    static uv_once_t once = UV_ONCE_INIT;
    int              status;

    uv_once(&once, end_instead_of_abort);
    status = try_descriptors();
    if (status == 0)
        status = uv_loop_init(loop);
    return status ? err_from_os(status, "starting the event loop") : err_ok();
}
