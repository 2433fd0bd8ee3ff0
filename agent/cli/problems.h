/* agent/cli/problems.h - what is wrong with a file, for whoever has to mend it.
 *
 * Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_PROBLEMS_H
#define PICKET_AGENT_CLI_PROBLEMS_H

#include <stdio.h>

#include "proto/json.h"

/* "FILE: 2 mistakes\n  upstreams[0].proxy: expected ...\n" */
void problems_print(FILE *out, const char *file, const struct problems *problems);

#endif
