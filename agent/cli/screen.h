/* agent/cli/screen.h - the whole terminal, drawn again and again, and its keys.
 *
 * A second screen, so that what stood there before is there again at the end; a few escape sequences that every terminal has,
 * no library. What is longer or wider than the terminal is cut.
 * Thread: the loop's. One per process.
 */
#ifndef PICKET_AGENT_CLI_SCREEN_H
#define PICKET_AGENT_CLI_SCREEN_H

#include <uv.h>

#include "platform/buf.h"

enum screen_event {
    SCREEN_RESIZED,
    SCREEN_QUIT, /* q, Ctrl+C, or a signal that ends programs */
    SCREEN_UP,
    SCREEN_DOWN,
    SCREEN_PAGE_UP,
    SCREEN_PAGE_DOWN,
    SCREEN_KEY, /* another one */
};

typedef void screen_fn(void *context, enum screen_event event, char key);

/* Standard output is a terminal (plat_terminal_has_screen). Where standard input is none there are no keys. */
struct err screen_open(uv_loop_t *loop, screen_fn *on_event, void *context);
/* The terminal is as it was; the handles close on the loop. Nothing to do when it is not open. */
void screen_close(void);

/* Lines of text (with SGR sequences, if any) from the first one on, and a foot in the last row. Returns how many lines are
 * below what is seen. */
size_t screen_draw(const char *text, size_t first, const char *foot, bool ascii);

#endif
