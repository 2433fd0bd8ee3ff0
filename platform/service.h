/* platform/service.h - telling the system's service manager how we fare.
 *
 * Where none started us, or it does not want to know, nothing happens. Nothing is answered, nothing waits.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_SERVICE_H
#define PICKET_PLATFORM_SERVICE_H

/* Whoever waits for the start may go on. */
void plat_service_ready(void);

/* One line for whoever looks at the service ("systemctl status"). */
void plat_service_say(const char *status);

#endif
