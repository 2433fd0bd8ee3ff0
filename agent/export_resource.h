/* agent/export_resource.h - whose samples they are: resource attributes by OpenTelemetry's semantic conventions.
 *
 * service.name, service.version, service.instance.id (the device), host.name, host.id, host.arch, os.type, os.name,
 * os.version, os.description; and of ours picket.device, picket.client, picket.site. What is not known is left out.
 * Thread: any; reads files of the system.
 */
#ifndef PICKET_AGENT_EXPORT_RESOURCE_H
#define PICKET_AGENT_EXPORT_RESOURCE_H

#include "proto/config.h"
#include "proto/otlp.h"

enum { EXPORT_ATTRS_MAX = 16, EXPORT_TEXT_MAX = 300 };

struct export_resource {
    struct otlp_attr attrs[EXPORT_ATTRS_MAX];
    size_t           count;
    char             texts[EXPORT_ATTRS_MAX][EXPORT_TEXT_MAX];
};

/* ret points into itself: it does not move. */
void export_resource_fill(const struct config *config, const char *device_id, const char *device_name,
                          struct export_resource *ret);

#endif
