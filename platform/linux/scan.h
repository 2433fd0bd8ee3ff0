/* platform/linux/scan.h - words, numbers and lines of the kernel's text.
 *
 * A scan is what is left of a text: each call takes something from its front. Nothing is copied and no NUL is needed,
 * so text may hold any bytes. A call that returns false took nothing that matters: the text is not what was expected.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_SCAN_H
#define PICKET_PLATFORM_LINUX_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
    const char *at;
    size_t      len;
};

/* The next line, without its end. False when nothing is left. */
bool scan_line(struct scan *text, struct scan *ret_line);

/* The next word: blanks and tabs before it are skipped. False when only those are left. */
bool scan_word(struct scan *line, struct scan *ret_word);

/* What is before the next single blank, which may be nothing. False when the line has ended. */
bool scan_field(struct scan *line, struct scan *ret_field);

/* What is before the mark, which is skipped. False if there is none; then nothing is taken. */
bool scan_until(struct scan *text, char mark, struct scan *ret_part);

/* A word that is a decimal number; false on anything else, and over 64 bits. */
bool scan_u64(struct scan *line, uint64_t *ret);

/* The next count numbers. */
bool scan_u64s(struct scan *line, uint64_t *ret, size_t count);

/* A word like "0.52": digits, at most one dot. */
bool scan_decimal(struct scan *line, double *ret);

bool scan_is(struct scan part, const char *text);
bool scan_begins(struct scan part, const char *text);

/* Is text one of the parts between the commas of list? */
bool scan_lists(struct scan list, const char *text);

/* Copies with a NUL at the end; false, and nothing is copied, if it does not fit or holds a NUL. */
bool scan_copy(struct scan part, char *into, size_t size);

#endif
