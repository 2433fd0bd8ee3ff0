/* The client's side of platform/control.h: one blocking socket with time-outs. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "platform/control.h"
#include "platform/posix/control_path.h"

struct plat_control_call {
    int socket;
};

static struct err failure(int why, const char *step)
{
    if (why == EAGAIN || why == EWOULDBLOCK || why == EINPROGRESS)
        return err_of(ERR_TIMED_OUT, step);
    return err_from_os(why, step);
}

/* The kernel's own time-outs hold for connect too: it waits while the server's queue is full. */
static int set_timeouts(int socket, uint32_t timeout_ms)
{
    struct timeval t = { .tv_sec = timeout_ms / 1000, .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000 };

    if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) != 0)
        return errno;
    return setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) == 0 ? 0 : errno;
}

static struct err dial(const char *path, uint32_t timeout_ms, int *ret_socket)
{
    static const char  step[] = "connecting to the running agent";
    struct sockaddr_un address;
    struct err         e = control_address(path, &address);
    int                s, why;

    if (failed(e))
        return e;
    s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return err_from_os(errno, step);
    why = set_timeouts(s, timeout_ms);
    if (why == 0 && connect(s, (const struct sockaddr *)&address, sizeof address) != 0)
        why = errno;
    if (why == 0) {
        *ret_socket = s;
        return e;
    }
    close(s);
    /* a path without a listener is as good as no path: whoever made it is gone */
    return why == ECONNREFUSED ? (struct err){ ERR_NOT_FOUND, UV_ECONNREFUSED, step } : failure(why, step);
}

struct err plat_control_connect(const char *path, uint32_t timeout_ms, struct plat_control_call **ret)
{
    struct plat_control_call *call = calloc(1, sizeof *call);
    struct err                e;

    if (!call)
        return err_of(ERR_NO_MEMORY, "connecting to the running agent");
    e = dial(path, timeout_ms, &call->socket);
    if (failed(e))
        free(call);
    else
        *ret = call;
    return e;
}

struct err plat_control_send(struct plat_control_call *call, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(call->socket, at, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failure(errno, "asking the running agent");
        at += n;
        len -= (size_t)n;
    }
    return err_ok();
}

struct err plat_control_receive(struct plat_control_call *call, void *into, size_t size, size_t *ret_len)
{
    ssize_t n;

    do
        n = recv(call->socket, into, size, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return failure(errno, "hearing from the running agent");
    *ret_len = (size_t)n;
    return err_ok();
}

void plat_control_hang_up(struct plat_control_call **call)
{
    if (!*call)
        return;
    close((*call)->socket);
    free(*call);
    *call = NULL;
}
