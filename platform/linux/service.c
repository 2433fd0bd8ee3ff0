#include "platform/service.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE_MAX = 400 };

/* systemd's sd_notify(3): a datagram to the socket that the environment names; '@' stands for an abstract one. */
static void notify(const char *message)
{
    const char        *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t             len = path ? strlen(path) : 0;
    int                fd;

    if (len < 2 || len >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, len);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}

void plat_service_ready(void)
{
    notify("READY=1");
}

void plat_service_say(const char *status)
{
    char message[MESSAGE_MAX];

    snprintf(message, sizeof message, "STATUS=%.*s", (int)strcspn(status, "\n"), status);
    notify(message);
}
