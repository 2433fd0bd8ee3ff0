/* platform/terminal.h - who looks at what we print.
 *
 * Thread: any. Never fails: what cannot be known counts as a file or pipe.
 */
#ifndef PICKET_PLATFORM_TERMINAL_H
#define PICKET_PLATFORM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns of the terminal that the stream goes to; 0: it is not one, so nothing needs to fit. */
size_t plat_terminal_columns(FILE *stream);

/* Its rows; 0: as above. */
size_t plat_terminal_rows(FILE *stream);

/* May colours be sent there? Not with NO_COLOR in the environment, nor to a file. */
bool plat_terminal_has_colour(FILE *stream);

/* Do its locale's letters go beyond ASCII (UTF-8)? LC_ALL, LC_CTYPE and LANG say it. */
bool plat_terminal_has_utf8(void);

/* Can whoever looks be shown one screen after the other? A terminal that takes escape sequences, TERM=dumb is none. */
bool plat_terminal_has_screen(FILE *stream);

#endif
