/* agent/upstream/feed_settings.h - what the configuration says of an upstream that takes samples (connector "otlp").
 *
 * The settings: url (required), encoding, period_s, token, authorization, header.NAME. Used by the courier, and by
 * `config check`; the warden asks for the period alone.
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_AGENT_UPSTREAM_FEED_SETTINGS_H
#define PICKET_AGENT_UPSTREAM_FEED_SETTINGS_H

#include "platform/http.h"
#include "proto/config.h"
#include "proto/link.h"

enum { FEED_HEADERS_MAX = 16, FEED_PERIOD_S = 300, FEED_PERIOD_LEAST_S = 1, FEED_PERIOD_MOST_S = 300 };

struct feed_settings {
    char               url[LINK_VALUE_MAX];
    enum otlp_encoding encoding;
    struct http_header headers[FEED_HEADERS_MAX]; /* into values and names */
    size_t             header_count;
    struct buf         values[FEED_HEADERS_MAX]; /* wiped at the end */
    char               names[FEED_HEADERS_MAX][64];
};

/* Every mistake is a problem with its path below the upstream; MALFORMED then, or what kept a secret from being read. ret ends
 * with feed_settings_done either way. */
struct err feed_settings_read(const struct link_setup *setup, struct problems *problems, struct feed_settings *ret);
void       feed_settings_done(struct feed_settings *settings);

bool     feed_setting_is_secret(const char *name);
uint32_t feed_period_s(const struct config_upstream *upstream); /* a default for what cannot be read */

#endif
