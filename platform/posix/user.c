#include "platform/user.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

static struct err take(const struct passwd *entry, int why, struct plat_user *ret)
{
    if (!entry && (why == 0 || why == ENOENT || why == ESRCH))
        return err_of(ERR_NOT_FOUND, "looking up an account");
    if (!entry)
        return err_from_os(why, "looking up an account");
    ret->id = entry->pw_uid;
    ret->group = entry->pw_gid;
    snprintf(ret->name, sizeof ret->name, "%s", entry->pw_name);
    return err_ok();
}

struct err plat_user_find(const char *name, struct plat_user *ret)
{
    struct passwd *entry;

    errno = 0;
    entry = getpwnam(name);
    return take(entry, errno, ret);
}

struct err plat_user_of_id(uint32_t id, struct plat_user *ret)
{
    struct passwd *entry;

    errno = 0;
    entry = getpwuid(id);
    return take(entry, errno, ret);
}

void plat_user_self(struct plat_user *ret)
{
    uint32_t id = geteuid();

    if (failed(plat_user_of_id(id, ret)))
        snprintf(ret->name, sizeof ret->name, "%u", (unsigned)id);
    ret->id = id;
    ret->group = getegid();
}

bool plat_user_is_administrator(void)
{
    return geteuid() == 0;
}
