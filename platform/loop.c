#include "platform/loop.h"

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

struct err plat_loop_init(uv_loop_t *loop)
{
    int status = try_descriptors();

    if (status == 0)
        status = uv_loop_init(loop);
    return status ? err_from_os(status, "starting the event loop") : err_ok();
}
