#include "platform/user.h"

#include <stdio.h>

#include "platform/windows/acl.h"
#include "platform/windows/wide.h"

/* Windows has no small numbers for accounts; the last part of the identifier tells those of one machine apart. */
static uint32_t last_part(PSID sid)
{
    return *GetSidSubAuthority(sid, (DWORD)(*GetSidSubAuthorityCount(sid) - 1));
}

struct err plat_user_find(const char *name, struct plat_user *ret)
{
    static const char step[] = "looking up an account";
    wchar_t           wide[WIDE_PATH_MAX], domain[256];
    char              sid[SECURITY_MAX_SID_SIZE];
    DWORD             sid_size = sizeof sid, domain_size = ARRAYSIZE(domain);
    SID_NAME_USE      kind;
    struct err        e = wide_path(name, wide);

    if (failed(e))
        return e;
    if (!LookupAccountNameW(NULL, wide, sid, &sid_size, domain, &domain_size, &kind))
        return GetLastError() == ERROR_NONE_MAPPED ? err_of(ERR_NOT_FOUND, step) : wide_error(step);
    *ret = (struct plat_user){ .id = last_part(sid) };
    snprintf(ret->name, sizeof ret->name, "%s", name);
    return e;
}

struct err plat_user_of_id(uint32_t id, struct plat_user *ret)
{
    (void)id;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "looking up an account by a number");
}

void plat_user_self(struct plat_user *ret)
{
    char    sid[SECURITY_MAX_SID_SIZE];
    wchar_t name[256];
    DWORD   size = ARRAYSIZE(name);

    *ret = (struct plat_user){ .id = 0 };
    if (!failed(acl_self(sid)))
        ret->id = last_part(sid);
    if (GetUserNameW(name, &size))
        wide_print(name, ret->name, sizeof ret->name);
    else
        snprintf(ret->name, sizeof ret->name, "%u", (unsigned)ret->id);
}

/* Not only a member of the group: with rights that were not taken off (UAC). */
bool plat_user_is_administrator(void)
{
    char  administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    BOOL  member = FALSE;

    return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size) &&
           CheckTokenMembership(NULL, administrators, &member) && member;
}
