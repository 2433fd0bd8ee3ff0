/* platform/posix/control_path.h - how both sides write the address; nobody else includes it. */
#ifndef PICKET_PLATFORM_POSIX_CONTROL_PATH_H
#define PICKET_PLATFORM_POSIX_CONTROL_PATH_H

#include <string.h>
#include <sys/un.h>

#include "platform/err.h"

/* TOO_BIG: the system has room for 107 bytes. */
static inline struct err control_address(const char *path, struct sockaddr_un *ret)
{
    if (strlen(path) >= sizeof ret->sun_path)
        return err_of(ERR_TOO_BIG, "addressing the control socket");
    memset(ret, 0, sizeof *ret);
    ret->sun_family = AF_UNIX;
    memcpy(ret->sun_path, path, strlen(path));
    return err_ok();
}

#endif
