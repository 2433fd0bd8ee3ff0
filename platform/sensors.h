/* platform/sensors.h - how warm it is, how fast fans turn, what batteries hold, and whether there is mains power.
 *
 * Some sensors answer after milliseconds, some never: for a process of its own. root: as in platform/source.h.
 * Thread: any that may wait.
 */
#ifndef PICKET_PLATFORM_SENSORS_H
#define PICKET_PLATFORM_SENSORS_H

#include <stdbool.h>

#include "platform/err.h"

// clang-format off
#define PLAT_SENSOR_TABLE(X)                                                    \
    X(TEMPERATURE, "temperature") /* value in degrees Celsius */                \
    X(FAN,         "fan")         /* rounds a minute */                         \
    X(BATTERY,     "battery")     /* 0 to 1; of the machine, not of a mouse */  \
    X(MAINS,       "mains")       /* one: 1 if any plug has power, else 0 */
// clang-format on

enum plat_sensor_kind {
#define X(kind, word) SENSOR_##kind,
    PLAT_SENSOR_TABLE(X)
#undef X
};

enum { PLAT_SENSOR_ID_MAX = 96, PLAT_SENSOR_NAME_MAX = 64 };

struct plat_sensor {
    enum plat_sensor_kind kind;
    char                  id[PLAT_SENSOR_ID_MAX];     /* the same over reboots: "coretemp.0/temp1", "BAT0" */
    char                  name[PLAT_SENSOR_NAME_MAX]; /* for people: "Package id 0" */
    double                value;                      /* NaN: not told */
    double                limit;                      /* temperature: from where on it is critical; NaN: not told */
    double                health;      /* battery: what it holds when full, of what it held when new; NaN: not told */
    int                   discharging; /* battery: 1 yes, 0 no, -1 not told */
};

typedef void plat_sensor_fn(void *context, const struct plat_sensor *sensor); /* lent for the call */

/* Is it worth starting a process? */
bool plat_sensors_are_possible(void);

struct err plat_sensors_each(const char *root, plat_sensor_fn *each, void *context);

#endif
