/* platform/http_proxy.h - which proxy the HTTP client will take to a host, for people who look for a fault.
 *
 * As libcurl decides: what the options say, else https_proxy and all_proxy of the environment unless no_proxy names the
 * host. Address ranges in no_proxy are not looked at. Thread: any, but not while another changes the environment.
 */
#ifndef PICKET_PLATFORM_HTTP_PROXY_H
#define PICKET_PLATFORM_HTTP_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

struct http_proxy {
    char        host[256];
    uint16_t    port;
    const char *from;    /* the variable's name; NULL: the options */
    bool        has_user; /* a user name stands in its URL */
};

/* option: http_options.proxy. NOT_FOUND: none is taken. MALFORMED: one is named, and it is no URL of a proxy. */
struct err http_proxy_find(const char *option, const char *host, struct http_proxy *ret);

/* The host and port that a URL leads to. MALFORMED. */
struct err http_url_host(const char *url, char *host, size_t size, uint16_t *ret_port);

#endif
