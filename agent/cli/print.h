/* agent/cli/print.h - text for people: wrapped to the terminal, safe to look at.
 *
 * Width is the terminal's, at most 100 columns for prose; 80 where it goes to a file. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_PRINT_H
#define PICKET_AGENT_CLI_PRINT_H

#include <stddef.h>
#include <stdio.h>

/* Wraps each line at blanks; a line that begins with a blank stays as it is. Ends with a line break. */
void print_paragraphs(FILE *out, const char *text);

/* "  -j, --json          show it as JSON": text is wrapped behind the indent. */
void print_entry(FILE *out, const char *left, size_t indent, const char *text);

/* The text behind what stands in the line already, up to column indent; one line where it goes to a file. */
void print_rest(FILE *out, size_t indent, const char *text);

/* Columns that valid UTF-8 takes: one a character. */
size_t text_columns(const char *text);

/* A copy that cannot command a terminal: controls and what turns the direction of writing become blanks, broken UTF-8
 * becomes U+FFFD. Returns into, always terminated. */
const char *text_tame(const char *text, char *into, size_t size);

#endif
