#include "agent/cli/screen.h"

#include <stdio.h>
#include <string.h>

#include "platform/signals.h"
#include "platform/terminal.h"

enum { PAGE_MAX_BYTES = 1024 * 1024 };

static struct {
    uv_tty_t             keys;
    uv_signal_t          resized;
    struct plat_signals *signals;
    bool                 open, has_keys;
    char                 sequence[8]; /* of a key that is more than a byte, so far */
    size_t               sequence_len;
    char                 chunk[64];
    screen_fn           *on_event;
    void                *context;
} screen;

/* ---- keys ---- */

/* What terminals send for keys that are no letter; the first fits whole. */
static const struct {
    const char       *bytes;
    enum screen_event event;
} keys[] = {
    { "\x1b[A", SCREEN_UP },       { "\x1b[B", SCREEN_DOWN },       { "\x1bOA", SCREEN_UP }, { "\x1bOB", SCREEN_DOWN },
    { "\x1b[5~", SCREEN_PAGE_UP }, { "\x1b[6~", SCREEN_PAGE_DOWN }, { "k", SCREEN_UP },      { "j", SCREEN_DOWN },
    { " ", SCREEN_PAGE_DOWN },     { "b", SCREEN_PAGE_UP },         { "q", SCREEN_QUIT },    { "Q", SCREEN_QUIT },
    { "\x03", SCREEN_QUIT },       { "\x04", SCREEN_QUIT },
};

static bool say_key(const char *bytes, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strlen(keys[i].bytes) == len && memcmp(keys[i].bytes, bytes, len) == 0) {
            screen.on_event(screen.context, keys[i].event, 0);
            return true;
        }
    return false;
}

/* A sequence ends with a letter or "~" behind its "[" or "O"; one that is not known is swallowed. */
static void take_byte(char byte)
{
    if (screen.sequence_len == 0 && byte != '\x1b') {
        if (!say_key(&byte, 1))
            screen.on_event(screen.context, SCREEN_KEY, byte);
        return;
    }
    if (screen.sequence_len == sizeof screen.sequence)
        screen.sequence_len = 0;
    screen.sequence[screen.sequence_len++] = byte;
    if (screen.sequence_len < 2 || (screen.sequence_len == 2 && (byte == '[' || byte == 'O')))
        return;
    if (screen.sequence_len > 2 && (byte < '@' || byte > '~'))
        return;
    (void)say_key(screen.sequence, screen.sequence_len);
    screen.sequence_len = 0;
}

static void lend_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    (void)handle;
    (void)wanted;
    *ret = uv_buf_init(screen.chunk, sizeof screen.chunk);
}

static void on_keys(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
    if (len < 0) {
        uv_read_stop(stream);
        screen.on_event(screen.context, SCREEN_QUIT, 0); /* the terminal is gone */
        return;
    }
    for (ssize_t i = 0; i < len && screen.open; i++)
        take_byte(chunk->base[i]);
}

/* ---- beginning and end ---- */

static void on_resized(uv_signal_t *handle, int number)
{
    (void)handle;
    (void)number;
    screen.on_event(screen.context, SCREEN_RESIZED, 0);
}

static void on_signal(void *context, enum plat_signal signal)
{
    (void)context;
    (void)signal; /* also SIGHUP: it comes when a terminal closes */
    screen.on_event(screen.context, SCREEN_QUIT, 0);
}

/* Keys as they are pressed, one by one, and not shown. */
static void open_keys(uv_loop_t *loop)
{
    if (uv_guess_handle(0) != UV_TTY || uv_tty_init(loop, &screen.keys, 0, 1) != 0)
        return;
    screen.has_keys = true;
    if (uv_tty_set_mode(&screen.keys, UV_TTY_MODE_RAW) == 0)
        (void)uv_read_start((uv_stream_t *)&screen.keys, lend_chunk, on_keys);
}

static void say(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

struct err screen_open(uv_loop_t *loop, screen_fn *on_event, void *context)
{
    struct err e;

    screen.on_event = on_event;
    screen.context = context;
    uv_signal_init(loop, &screen.resized);
    (void)uv_signal_start(&screen.resized, on_resized, SIGWINCH);
    e = plat_signals_open(loop, on_signal, NULL, &screen.signals);
    screen.open = true;
    open_keys(loop);
    say("\x1b[?1049h\x1b[?25l\x1b[?7l"); /* the other screen, no cursor, no wrapping */
    if (failed(e))
        screen_close();
    return e;
}

void screen_close(void)
{
    if (!screen.open)
        return;
    screen.open = false;
    plat_signals_close(&screen.signals);
    uv_close((uv_handle_t *)&screen.resized, NULL);
    uv_tty_reset_mode();
    if (screen.has_keys)
        uv_close((uv_handle_t *)&screen.keys, NULL);
    say("\x1b[?7h\x1b[?25h\x1b[?1049l");
}

/* ---- drawing ---- */

/* Bytes of the character or sequence at the place; *ret_wide says whether it takes a column. */
static size_t step(const char *at, const char *end, bool *ret_wide)
{
    const char *next = at + 1;

    *ret_wide = *at != '\x1b';
    if (*ret_wide)
        while (next < end && (*next & 0xc0) == 0x80)
            next++;
    else
        while (next < end && next[-1] != 'm')
            next++;
    return (size_t)(next - at);
}

/* A line, as much as fits; colours go on to the end, so that none is left on. */
static void put_line(const char *line, const char *end, size_t columns, bool ascii, struct buf *into)
{
    bool wide;

    for (size_t len; line < end; line += len) {
        len = step(line, end, &wide);
        if (wide && columns == 0)
            continue;
        columns -= wide;
        if (ascii && wide && len > 1)
            (void)buf_add_byte(into, '?');
        else
            (void)buf_add(into, line, len);
    }
}

/* At a row, counted from 1; what stood there goes first: erasing behind a full line would take its last letter. */
static void put_row(size_t row, const char *text, const char *end, bool ascii, struct buf *into)
{
    (void)buf_printf(into, "\x1b[%zuH\x1b[K", row);
    put_line(text, end, plat_terminal_columns(stdout), ascii, into);
}

size_t screen_draw(const char *text, size_t first, const char *foot, bool ascii)
{
    size_t     rows = plat_terminal_rows(stdout), row = 0, beyond = 0;
    struct buf page;
    char       line[200];

    buf_init(&page, PAGE_MAX_BYTES);
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        if (first > 0)
            first--;
        else if (row + 1 < rows)
            put_row(++row, text, end, ascii, &page);
        else
            beyond++;
    }
    (void)buf_printf(&page, "\x1b[%zuH\x1b[J", row + 1); /* of a longer page before */
    snprintf(line, sizeof line, beyond ? "%s; %zu lines below" : "%s", foot, beyond);
    if (rows > 1)
        put_row(rows, line, line + strlen(line), ascii, &page);
    say(buf_text(&page));
    buf_done(&page);
    return beyond;
}
