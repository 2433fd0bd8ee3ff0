#include "platform/service.h"

void plat_service_ready(void)
{
}

void plat_service_say(const char *status)
{
    (void)status;
}
