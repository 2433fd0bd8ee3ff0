#include "platform/signals_rows.h"

#include <assert.h>
#include <signal.h>

#include "platform/buf.h"

const struct signal_row signal_rows[] = {
    { SIGTERM, PLAT_SIGNAL_STOP },
    { SIGINT, PLAT_SIGNAL_STOP },
    { SIGHUP, PLAT_SIGNAL_RELOAD },
};
const size_t signal_row_count = ARRAY_LEN(signal_rows);

static_assert(ARRAY_LEN(signal_rows) <= SIGNAL_ROWS_MAX, "a handle for each row");

void signal_rows_prepare(void)
{
    signal(SIGPIPE, SIG_IGN);
}
