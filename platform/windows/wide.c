#include "platform/windows/wide.h"

struct err wide_path(const char *path, wchar_t into[WIDE_PATH_MAX])
{
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, into, WIDE_PATH_MAX) > 0)
        return err_ok();
    return err_of(GetLastError() == ERROR_INSUFFICIENT_BUFFER ? ERR_TOO_BIG : ERR_MALFORMED, "a path");
}

/* Too long for into: as many whole characters as fit. */
static int shorten(const wchar_t *text, char *into, int size)
{
    int len = 0;

    for (int units = lstrlenW(text) - 1; units > 0 && size > 1 && len == 0; units--)
        if (!IS_HIGH_SURROGATE(text[units - 1]))
            len = WideCharToMultiByte(CP_UTF8, 0, text, units, into, size - 1, NULL, NULL);
    return len;
}

void wide_print(const wchar_t *text, char *into, size_t size)
{
    int len = WideCharToMultiByte(CP_UTF8, 0, text, -1, into, (int)size, NULL, NULL);

    if (len > 0)
        len--;
    else
        len = shorten(text, into, (int)size);
    into[len] = '\0';
    for (char *c = into; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

struct err wide_error(const char *step)
{
    return err_from_os((int)GetLastError(), step);
}

void wide_registry(const wchar_t *key, const wchar_t *name, char *into, size_t size)
{
    wchar_t text[256];
    DWORD   bytes = sizeof text;

    into[0] = '\0';
    if (RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL, text, &bytes) ==
        ERROR_SUCCESS)
        wide_print(text, into, size);
}
