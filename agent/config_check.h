/* agent/config_check.h - would this configuration work on this machine?
 *
 * Beyond what config_load sees: the file is no one else's to change; each upstream's connector exists, has all its
 * settings, and can read its secrets; certificates are there.
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_AGENT_CONFIG_CHECK_H
#define PICKET_AGENT_CONFIG_CHECK_H

#include "proto/config.h"

/* Without the network. path: the file it came from; NULL: there is none. MALFORMED if there is any problem. */
struct err config_check(const struct config *config, const char *path, struct problems *problems);

/* Then, over the network: asks every connector upstream whether it takes the credentials and knows what the settings name.
 * Creates nothing. on_try (may be NULL) is called before each; up to a minute each. */
struct err config_check_online(const struct config *config, struct problems *problems,
                               void (*on_try)(const char *upstream));

#endif
