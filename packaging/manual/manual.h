/* packaging/manual/manual.h - the man pages and the shell completion, made from the program's own tables.
 *
 * A template is copied line by line; a line that is "@COMMANDS@" or "@SETTINGS@" is replaced by what the tables say.
 * So a command, an option or a setting is documented by being there. Built for the machine that builds, never shipped.
 */
#ifndef PICKET_PACKAGING_MANUAL_H
#define PICKET_PACKAGING_MANUAL_H

#include <stdbool.h>
#include <stdio.h>

/* Each returns false, having said why on standard error. */
bool manual_commands(FILE *out);   /* mdoc: every command with its options */
bool manual_settings(FILE *out);   /* mdoc: every setting of the configuration */
bool manual_completion(FILE *out); /* bash: the words of every command */

/* Text for mdoc: backslashes, and dots and quotes that begin a line, lose their meaning. */
void manual_text(FILE *out, const char *text);

#endif
