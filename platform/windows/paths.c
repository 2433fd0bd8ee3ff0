#include "platform/paths.h"

#include "platform/user.h"
#include "platform/windows/wide.h"
#include <knownfolders.h>
#include <shlobj.h>
#include <stdio.h>

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

/* "C:\x" and "\\server\x". Not "\x": it depends on the current drive. */
bool plat_path_is_absolute(const char *path)
{
    bool drive = ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) && path[1] == ':';

    return drive ? is_separator(path[2]) : is_separator(path[0]) && is_separator(path[1]);
}

bool plat_path_exists(const char *path)
{
    wchar_t wide[WIDE_PATH_MAX];

    return !failed(wide_path(path, wide)) && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
}

static struct err take(const wchar_t *path, const char *below, char *into, size_t size)
{
    char text[PLAT_PATH_BYTES];
    int  len;

    if (WideCharToMultiByte(CP_UTF8, 0, path, -1, text, sizeof text, NULL, NULL) == 0)
        return err_of(ERR_TOO_BIG, "making a path");
    len = snprintf(into, size, "%s%s", text, below);
    return len < 0 || (size_t)len >= size ? err_of(ERR_TOO_BIG, "making a path") : err_ok();
}

struct err plat_path_complete(const char *typed, char *into, size_t size)
{
    wchar_t    wide[WIDE_PATH_MAX], whole[WIDE_PATH_MAX];
    DWORD      len;
    struct err e = wide_path(typed, wide);

    if (failed(e))
        return e;
    len = GetFullPathNameW(wide, WIDE_PATH_MAX, whole, NULL);
    if (len == 0)
        return wide_error("finding the current folder");
    if (len >= WIDE_PATH_MAX)
        return err_of(ERR_TOO_BIG, "making a path");
    return take(whole, "", into, size);
}

static struct err known_folder(const KNOWNFOLDERID *id, const char *below, char *into, size_t size)
{
    wchar_t   *path = NULL;
    struct err e = err_of(ERR_NOT_FOUND, "finding the home folder");

    if (SHGetKnownFolderPath(id, KF_FLAG_DONT_VERIFY, NULL, &path) == S_OK)
        e = take(path, below, into, size);
    CoTaskMemFree(path);
    return e;
}

static struct err below(const KNOWNFOLDERID *id, struct plat_paths *ret)
{
    struct err e = known_folder(id, "\\Picket", ret->config_dir, sizeof ret->config_dir);

    if (!failed(e))
        e = known_folder(id, "\\Picket\\state", ret->state_dir, sizeof ret->state_dir);
    if (!failed(e))
        e = known_folder(id, "\\Picket\\run", ret->run_dir, sizeof ret->run_dir);
    return e;
}

void plat_paths_system(struct plat_paths *ret)
{
    *ret = (struct plat_paths){ .of_system = true };
    if (!failed(below(&FOLDERID_ProgramData, ret)))
        return;
    *ret = (struct plat_paths){
        .config_dir = "C:\\ProgramData\\Picket",
        .state_dir = "C:\\ProgramData\\Picket\\state",
        .run_dir = "C:\\ProgramData\\Picket\\run",
        .of_system = true,
    };
}

struct err plat_paths_find(struct plat_paths *ret)
{
    struct plat_paths own = { .of_system = false };
    struct err        e = err_ok();

    if (plat_user_is_administrator())
        plat_paths_system(&own);
    else
        e = below(&FOLDERID_LocalAppData, &own);
    if (!failed(e))
        *ret = own;
    return e;
}
