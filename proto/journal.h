/* proto/journal.h - what `journalctl --output=export` prints: entries of systemd's journal, whatever bytes they hold.
 *
 *     __CURSOR=s=...;i=...        a field in one line, or, of any bytes:
 *     MESSAGE                     its name, eight bytes that count (little end first), as many bytes
 *     ........<bytes>
 *                                 an empty line ends an entry
 *
 * Chosen over its JSON, which leaves out what is over 4 KiB and takes a parser with a tree. Pure. Thread: any.
 */
#ifndef PICKET_PROTO_JOURNAL_H
#define PICKET_PROTO_JOURNAL_H

#include "proto/logline.h"

enum { JOURNAL_CURSOR_MAX = 256 };

struct journal_entry {
    char cursor[JOURNAL_CURSOR_MAX]; /* letters, digits, '=' and ';'; "" if there was none */
    char line[LOG_LINE_MAX + 1];     /* "sshd: Failed password ..."; "" if it has no message */
};

/* The next entry; *at moves behind it. False where no whole one is left: then *at stays, and ret has what there is of it, so
 * that one that is larger than any bound can be passed over. */
bool journal_next(const char **at, const char *end, struct journal_entry *ret);

#endif
