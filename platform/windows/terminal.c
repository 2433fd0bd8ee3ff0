#include "platform/terminal.h"

#include <io.h>
#include <stdlib.h>
#include <windows.h>

static HANDLE console_of(FILE *stream, DWORD *ret_mode)
{
    HANDLE handle = (HANDLE)_get_osfhandle(_fileno(stream));

    return handle != INVALID_HANDLE_VALUE && GetConsoleMode(handle, ret_mode) ? handle : NULL;
}

static SMALL_RECT window_of(FILE *stream)
{
    static const SMALL_RECT    none = { 0, 0, -1, -1 };
    CONSOLE_SCREEN_BUFFER_INFO about;
    DWORD                      mode;
    HANDLE                     console = console_of(stream, &mode);

    return console && GetConsoleScreenBufferInfo(console, &about) ? about.srWindow : none;
}

size_t plat_terminal_columns(FILE *stream)
{
    SMALL_RECT window = window_of(stream);

    return (size_t)(window.Right - window.Left + 1);
}

size_t plat_terminal_rows(FILE *stream)
{
    SMALL_RECT window = window_of(stream);

    return (size_t)(window.Bottom - window.Top + 1);
}

/* A console understands the sequences once it is told to. */
bool plat_terminal_has_screen(FILE *stream)
{
    DWORD  mode;
    HANDLE console = console_of(stream, &mode);

    return console && SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

bool plat_terminal_has_colour(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");

    return !(refused && refused[0]) && plat_terminal_has_screen(stream);
}

bool plat_terminal_has_utf8(void)
{
    return GetConsoleOutputCP() == CP_UTF8;
}
