#include "proto/nearest.h"

#include <string.h>

enum { NAME_MAX_BYTES = 64 };

/* How many letters must be put in, taken out or changed (Levenshtein); one row of the usual table at a time. */
static size_t edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[NAME_MAX_BYTES + 1];

    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b_len];
}

struct nearest nearest_begin(const char *typed, size_t len)
{
    /* a third of the letters may be wrong, at least one: "titel" is "title", "psa" is not "url" */
    return (struct nearest){ .typed = typed, .len = len, .least = 2 + len / 3 };
}

void nearest_offer(struct nearest *n, const char *name)
{
    size_t len = strlen(name), found;

    if (n->len > NAME_MAX_BYTES || len > NAME_MAX_BYTES)
        return;
    found = edits(n->typed, n->len, name, len);
    if (found >= n->least || found >= len)
        return;
    n->least = found;
    n->found = name;
}
