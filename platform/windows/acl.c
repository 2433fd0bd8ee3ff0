#include "platform/windows/acl.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const DWORD masks[] = {
    [ACL_TO_READ] = FILE_READ_DATA | GENERIC_READ | GENERIC_ALL,
    [ACL_TO_WRITE] = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER |
                     GENERIC_WRITE | GENERIC_ALL,
};

/* Whoever holds one of them can do everything anyway: SYSTEM, Administrators, TrustedInstaller. The last stands for the
 * owner, who is looked at on its own. */
static const char *const trusted[] = {
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    "S-1-3-4",
};

struct err acl_self(void *sid)
{
    union {
        TOKEN_USER user;
        char       bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } self;
    DWORD  size = sizeof self;
    HANDLE token;
    BOOL   known;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return err_from_os((int)GetLastError(), "asking who we are");
    known = GetTokenInformation(token, TokenUser, &self, size, &size) &&
            CopySid(SECURITY_MAX_SID_SIZE, sid, self.user.User.Sid);
    CloseHandle(token);
    return known ? err_ok() : err_from_os((int)GetLastError(), "asking who we are");
}

static bool is_trusted(PSID sid)
{
    char  self[SECURITY_MAX_SID_SIZE];
    char *text = NULL;
    bool  found = false;

    if (!failed(acl_self(self)) && EqualSid(sid, self))
        return true;
    if (!ConvertSidToStringSidA(sid, &text))
        return false;
    for (size_t i = 0; i < sizeof trusted / sizeof *trusted && !found; i++)
        found = strcmp(text, trusted[i]) == 0;
    LocalFree(text);
    return found;
}

/* An entry of a kind that we do not know counts as one that allows. */
static bool gives(ACL *list, DWORD index, DWORD mask)
{
    void             *entry;
    const ACE_HEADER *header;
    bool              denies;

    if (!GetAce(list, index, &entry))
        return true;
    header = entry;
    denies = header->AceType == ACCESS_DENIED_ACE_TYPE || header->AceType == ACCESS_DENIED_OBJECT_ACE_TYPE ||
             header->AceType == ACCESS_DENIED_CALLBACK_ACE_TYPE;
    if (denies || (header->AceFlags & INHERIT_ONLY_ACE))
        return false;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE)
        return true;
    return (((ACCESS_ALLOWED_ACE *)entry)->Mask & mask) && !is_trusted(&((ACCESS_ALLOWED_ACE *)entry)->SidStart);
}

struct err acl_check(HANDLE file, enum acl_right right)
{
    static const char    step[] = "looking at who may use a file";
    PSECURITY_DESCRIPTOR all = NULL;
    PSID                 owner = NULL;
    ACL                 *list = NULL;
    DWORD why = GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                                NULL, &list, NULL, &all);
    bool  exposed;

    if (why != ERROR_SUCCESS)
        return err_from_os((int)why, step);
    exposed = !list || !owner || !is_trusted(owner); /* without a list everyone may do everything */
    for (DWORD i = 0; !exposed && i < list->AceCount; i++)
        exposed = gives(list, i, masks[right]);
    LocalFree(all);
    return exposed ? err_of(ERR_EXPOSED, step) : err_ok();
}

struct err acl_private(SECURITY_ATTRIBUTES *ret)
{
    static const char step[] = "making a list of who may use a file";
    char              self[SECURITY_MAX_SID_SIZE], text[256], *name = NULL;
    struct err        e = acl_self(self);

    *ret = (SECURITY_ATTRIBUTES){ .nLength = sizeof *ret };
    if (failed(e))
        return e;
    if (!ConvertSidToStringSidA(self, &name))
        return err_from_os((int)GetLastError(), step);
    /* protected: nothing is inherited; what is made in a folder inherits from it */
    snprintf(text, sizeof text, "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;%s)", name);
    LocalFree(name);
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &ret->lpSecurityDescriptor, NULL))
        return err_from_os((int)GetLastError(), step);
    return e;
}

void acl_private_done(SECURITY_ATTRIBUTES *attributes)
{
    LocalFree(attributes->lpSecurityDescriptor);
    attributes->lpSecurityDescriptor = NULL;
}

struct err acl_make_private(HANDLE file)
{
    SECURITY_ATTRIBUTES attributes;
    BOOL                present, defaulted;
    ACL                *list;
    DWORD               why = ERROR_INVALID_ACL;
    struct err          e = acl_private(&attributes);

    if (failed(e))
        return e;
    if (GetSecurityDescriptorDacl(attributes.lpSecurityDescriptor, &present, &list, &defaulted) && present)
        why = SetSecurityInfo(file, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                              NULL, NULL, list, NULL);
    acl_private_done(&attributes);
    return why == ERROR_SUCCESS ? e : err_from_os((int)why, "closing a file to others");
}
