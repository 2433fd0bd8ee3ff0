/* agent/replay/words.h - a line of a trace as words, and what single words mean.
 *
 * Words are parted by blanks; one in double quotes may hold blanks (\" and \\ inside), also behind a key: type="a b".
 * "#" at the beginning of a word ends the line. Pure. Thread: any.
 */
#ifndef PICKET_AGENT_REPLAY_WORDS_H
#define PICKET_AGENT_REPLAY_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

enum { WORDS_MAX = 16, WORDS_LINE_MAX = 2000 };

struct words {
    size_t count;
    char  *word[WORDS_MAX]; /* within text */
    char   text[WORDS_LINE_MAX + WORDS_MAX];
};

/* MALFORMED: a quote without its end; TOO_BIG: too long, or too many words. What stands behind a word ":" is left as one
 * word, as it is written. */
struct err words_split(const char *line, size_t len, struct words *into);

/* Each returns whether the whole text is one. "1h30m", "90s", "0.5s", "250ms", "2d", "1w"; up to ten years. */
bool word_duration(const char *text, uint64_t *ret_ms);
/* The same with a sign in front of it. */
bool word_shift(const char *text, int64_t *ret_ms);
/* "0.93", "93%", "5Gi" (Ki, Mi, Gi, Ti); finite. */
bool word_number(const char *text, double *ret);
bool word_count(const char *text, uint64_t most, uint64_t *ret);
/* "2026-01-05T08:00:00Z"; years 1970 to 9999. */
bool word_time(const char *text, int64_t *ret_ms);

enum { DURATION_WORD_BYTES = 32 };
/* As short as it can be said so that word_duration reads the same: "1h30m", "0s". */
const char *word_duration_print(uint64_t ms, char into[DURATION_WORD_BYTES]);

#endif
