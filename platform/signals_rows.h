/* platform/signals_rows.h - which signals of a system mean what; inside platform/ only.
 *
 * Thread: any; prepare once, before the loop listens.
 */
#ifndef PICKET_PLATFORM_SIGNALS_ROWS_H
#define PICKET_PLATFORM_SIGNALS_ROWS_H

#include "platform/signals.h"

enum { SIGNAL_ROWS_MAX = 4 };

struct signal_row {
    int              number; /* libuv's */
    enum plat_signal meaning;
};

extern const struct signal_row signal_rows[];
extern const size_t            signal_row_count; /* at most SIGNAL_ROWS_MAX */

void signal_rows_prepare(void); /* what must not end us by itself */

#endif
