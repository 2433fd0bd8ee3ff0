#include "platform/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_COLUMNS = 80 };

size_t plat_terminal_columns(FILE *stream)
{
    struct winsize size;

    if (!isatty(fileno(stream)))
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col;
}

bool plat_terminal_has_colour(FILE *stream)
{
    const char *kind = getenv("TERM"), *refused = getenv("NO_COLOR");

    if (!isatty(fileno(stream)) || (refused && refused[0]))
        return false;
    return kind && kind[0] && strcmp(kind, "dumb") != 0;
}
