/* agent/upstream/settings.h - from what the configuration says of an upstream to a session.
 *
 * Used by the courier, and by `config check` to say what would fail. Reads connector and secret files; every
 * mistake is a problem with its path below the upstream ("settings.private_key").
 * Thread: any. Secrets are wiped from memory once the session has them.
 */
#ifndef PICKET_AGENT_UPSTREAM_SETTINGS_H
#define PICKET_AGENT_UPSTREAM_SETTINGS_H

#include "proto/link.h"

struct err settings_connector(const struct link_setup *setup, struct problems *problems,
                              struct connector **ret);
struct err settings_session(const struct link_setup *setup, const struct connector *connector,
                            struct problems *problems, struct session **ret);

/* The secret of a setting that names a file, into an empty buf that ends with plat_secret_done; or a problem. */
struct err settings_secret(const struct link_setting *setting, struct problems *problems, struct buf *into);

#endif
