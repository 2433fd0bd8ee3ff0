#include "platform/sensors.h"

bool plat_sensors_are_possible(void)
{
    return false;
}

struct err plat_sensors_each(const char *root, plat_sensor_fn *each, void *context)
{
    (void)root;
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "reading sensors");
}
