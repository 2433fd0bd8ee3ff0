#include "platform/signals_rows.h"

#include <assert.h>
#include <signal.h>

#include "platform/buf.h"

/* What libuv makes of the console's events: Ctrl+C, Ctrl+Break, the window's end. There is no RELOAD: nobody can send it. */
const struct signal_row signal_rows[] = {
    { SIGINT, PLAT_SIGNAL_STOP },
    { SIGBREAK, PLAT_SIGNAL_STOP },
    { SIGHUP, PLAT_SIGNAL_STOP },
};
const size_t signal_row_count = ARRAY_LEN(signal_rows);

static_assert(ARRAY_LEN(signal_rows) <= SIGNAL_ROWS_MAX, "a handle for each row");

void signal_rows_prepare(void)
{
}
