/* proto/connector/embedded.h - the files built into the program (made by cmake/embed.cmake).
 *
 * One row per proto/connectors/NAME.json, in the order of their names, and a last one whose name is NULL.
 * Lives as long as the program. Thread: any.
 */
#ifndef PICKET_PROTO_CONNECTOR_EMBEDDED_H
#define PICKET_PROTO_CONNECTOR_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char          *name; /* without .json */
    const unsigned char *data; /* data[len] is 0, so that a text file is a string */
    size_t               len;
};

extern const struct embedded_file connector_files[];
extern const size_t               connector_file_count;

#endif
