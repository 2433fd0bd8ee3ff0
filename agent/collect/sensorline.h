/* agent/collect/sensorline.h - how picket probe sensors hands its findings to the warden: one line a sensor.
 *
 *     temperature<TAB>coretemp.0/temp1<TAB>Package id 0<TAB>value=48<TAB>limit=100
 *
 * Pure. The lines come from a process of ours: what does not parse is MALFORMED, keys that are not known are passed over.
 * Thread: any.
 */
#ifndef PICKET_AGENT_COLLECT_SENSORLINE_H
#define PICKET_AGENT_COLLECT_SENSORLINE_H

#include "platform/buf.h"
#include "platform/sensors.h"

struct err sensorline_print(const struct plat_sensor *sensor, struct buf *into);    /* with its line's end */
struct err sensorline_parse(const char *line, size_t len, struct plat_sensor *ret); /* without one; line needs no NUL */

#endif
