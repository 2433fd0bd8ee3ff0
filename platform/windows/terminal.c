#include "platform/terminal.h"

#include <io.h>
#include <stdlib.h>
#include <windows.h>

static HANDLE console_of(FILE *stream, DWORD *ret_mode)
{
    HANDLE handle = (HANDLE)_get_osfhandle(_fileno(stream));

    return handle != INVALID_HANDLE_VALUE && GetConsoleMode(handle, ret_mode) ? handle : NULL;
}

size_t plat_terminal_columns(FILE *stream)
{
    CONSOLE_SCREEN_BUFFER_INFO about;
    DWORD                      mode;
    HANDLE                     console = console_of(stream, &mode);

    if (!console || !GetConsoleScreenBufferInfo(console, &about))
        return 0;
    return (size_t)(about.srWindow.Right - about.srWindow.Left + 1);
}

/* A console understands the sequences once it is told to. */
bool plat_terminal_has_colour(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    DWORD       mode;
    HANDLE      console = console_of(stream, &mode);

    if (!console || (refused && refused[0]))
        return false;
    return SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}
