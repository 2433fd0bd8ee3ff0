#include "platform/signals.h"

#include <stdlib.h>

#include "platform/signals_rows.h"

struct plat_signals {
    uv_signal_t     handles[SIGNAL_ROWS_MAX];
    unsigned        open; /* handles not closed yet */
    plat_signal_fn *on_signal;
    void           *context;
};

static void on_number(uv_signal_t *handle, int number)
{
    struct plat_signals *s = handle->data;

    for (size_t i = 0; i < signal_row_count; i++) {
        if (signal_rows[i].number == number) {
            s->on_signal(s->context, signal_rows[i].meaning); /* may close s */
            return;
        }
    }
}

static void closed(uv_handle_t *handle)
{
    struct plat_signals *s = handle->data;

    if (--s->open == 0)
        free(s);
}

struct err plat_signals_open(uv_loop_t *loop, plat_signal_fn *on_signal, void *context, struct plat_signals **ret)
{
    struct plat_signals *s = calloc(1, sizeof *s);
    int                  status = s ? 0 : UV_ENOMEM;

    signal_rows_prepare();
    if (!s)
        return err_from_os(status, "listening for signals");
    s->on_signal = on_signal;
    s->context = context;
    for (size_t i = 0; i < signal_row_count && status == 0; i++) {
        status = uv_signal_init(loop, &s->handles[i]);
        if (status != 0)
            break;
        s->open++;
        s->handles[i].data = s;
        status = uv_signal_start(&s->handles[i], on_number, signal_rows[i].number);
    }
    if (status == 0)
        *ret = s;
    else if (s->open == 0)
        free(s);
    else
        plat_signals_close(&s);
    return status == 0 ? err_ok() : err_from_os(status, "listening for signals");
}

void plat_signals_close(struct plat_signals **signals_to_close)
{
    struct plat_signals *s = *signals_to_close;

    if (!s)
        return;
    *signals_to_close = NULL;
    for (unsigned i = 0, count = s->open; i < count; i++)
        uv_close((uv_handle_t *)&s->handles[i], closed);
}
