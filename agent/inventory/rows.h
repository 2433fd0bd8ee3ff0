/* agent/inventory/rows.h - an inventory as bytes between two processes: a line for each row, and one that ends it.
 *
 * "12\tROW\n", ..., "end\n". What is not ended so is not whole. Thread: any that may wait for a file.
 */
#ifndef PICKET_AGENT_INVENTORY_ROWS_H
#define PICKET_AGENT_INVENTORY_ROWS_H

#include "agent/inventory/document.h"

struct err inventory_write(const struct inventory *d, int fd);

/* Reads with pread, in blocks, from the beginning; as the `next` of an inventory_side. MALFORMED where the bytes are not
 * such lines in order, or end too early. */
enum { INVENTORY_BLOCK = 16 << 10 };
struct inventory_reader {
    int      fd;
    uint64_t offset;  /* of what was read */
    size_t   at, len; /* what is left in block */
    int      section; /* of the last row */
    bool     ended;
    char     block[INVENTORY_BLOCK + 1];
};

void       inventory_reader_init(struct inventory_reader *r, int fd);
struct err inventory_reader_next(void *reader, int *ret_section, const char **ret_row);

#endif
