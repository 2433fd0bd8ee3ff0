/* proto/text.h - text of machines and vendors, made safe to show and to send on.
 *
 * Thread: any.
 */
#ifndef PICKET_PROTO_TEXT_H
#define PICKET_PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Valid UTF-8 in place: controls (C0, DEL, C1), line and paragraph separators and what turns the direction of writing
 * become blanks. The length stays. */
void text_blank_controls(char *text);

/* except: characters that do not count ("\n"), or "". */
bool text_has_controls(const char *text, const char *except);

/* The text up to the next separator, which is overwritten by a NUL; *rest goes on behind it, and is NULL after the last one.
 * NULL when *rest is. Two separators in a row have an empty text between them. */
char *text_field(char **rest, char separator);

/* * is any run of characters, ? is one. No recursion; at most len(glob) * len(text) steps. Valid UTF-8. */
bool text_like(const char *text, const char *glob);
/* Like one of several globs, parted by blanks. */
bool text_like_any(const char *text, const char *globs);

#endif
