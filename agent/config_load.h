/* agent/config_load.h - the configuration that is in force, from its file.
 *
 * Used by every command that needs it. A file that is not there is the built-in default, unless it was named.
 * Thread: any; reads a file.
 */
#ifndef PICKET_AGENT_CONFIG_LOAD_H
#define PICKET_AGENT_CONFIG_LOAD_H

#include "proto/config.h"

/* path: the file; named: it must exist. problems has what is wrong, with paths. origin (of origin_size) is
 * the file's name, or "built-in defaults". */
struct err config_load(const char *path, bool named, struct problems *problems, char *origin,
                       size_t origin_size, struct config **ret);

#endif
