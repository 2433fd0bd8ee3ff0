#include "platform/http_proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <curl/curl.h>

#include "platform/buf.h"

static struct err take_part(CURLU *url, CURLUPart part, unsigned flags, char *into, size_t size)
{
    char     *text = NULL;
    CURLUcode code = curl_url_get(url, part, &text, flags);

    if (code == CURLUE_OUT_OF_MEMORY)
        return err_of(ERR_NO_MEMORY, "reading a URL");
    if (code == CURLUE_OK)
        snprintf(into, size, "%s", text);
    curl_free(text);
    return code == CURLUE_OK ? err_ok() : err_of(ERR_MALFORMED, "reading a URL");
}

/* [::1] without its brackets, as the resolver wants it. */
static void strip_brackets(char *host)
{
    size_t len = strlen(host);

    if (len < 2 || host[0] != '[' || host[len - 1] != ']')
        return;
    memmove(host, host + 1, len - 2);
    host[len - 2] = '\0';
}

static struct err split(const char *text, const char *usual_port, char *host, size_t size, uint16_t *ret_port, bool *ret_user)
{
    CURLU     *url = curl_url();
    char       port[8], user[256];
    struct err e = url ? err_ok() : err_of(ERR_NO_MEMORY, "reading a URL");

    if (!failed(e) &&
        curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME | (usual_port ? CURLU_GUESS_SCHEME : 0)) != CURLUE_OK)
        e = err_of(ERR_MALFORMED, "reading a URL");
    if (!failed(e))
        e = take_part(url, CURLUPART_HOST, 0, host, size);
    if (!failed(e)) {
        if (failed(take_part(url, CURLUPART_PORT, usual_port ? 0 : CURLU_DEFAULT_PORT, port, sizeof port)))
            snprintf(port, sizeof port, "%s", usual_port ? usual_port : "443");
        *ret_port = (uint16_t)strtoul(port, NULL, 10);
        *ret_user = !failed(take_part(url, CURLUPART_USER, 0, user, sizeof user));
        strip_brackets(host);
    }
    curl_url_cleanup(url);
    return e;
}

struct err http_url_host(const char *url, char *host, size_t size, uint16_t *ret_port)
{
    bool user;

    return split(url, NULL, host, size, ret_port, &user);
}

/* "example.com" in a list means it and all below it; "*" means everything. */
static bool is_excepted(const char *list, const char *host)
{
    size_t host_len = strlen(host);

    while (*list) {
        size_t skip = strspn(list, " ,\t"), len;

        list += skip;
        list += *list == '.';
        len = strcspn(list, " ,\t");
        if (len == 1 && *list == '*')
            return true;
        if (len > 0 && len <= host_len && curl_strnequal(host + host_len - len, list, len) &&
            (len == host_len || host[host_len - len - 1] == '.'))
            return true;
        list += len;
    }
    return false;
}

static const char *first_of(const char *const *names, size_t count, const char **ret_name)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);

        if (!value)
            continue;
        *ret_name = names[i];
        return value;
    }
    return NULL;
}

static const char *from_environment(const char *host, const char **ret_name)
{
    static const char *const proxies[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
    static const char *const exceptions[] = { "no_proxy", "NO_PROXY" };
    const char              *name, *list = first_of(exceptions, ARRAY_LEN(exceptions), &name);

    if (list && is_excepted(list, host))
        return NULL;
    return first_of(proxies, ARRAY_LEN(proxies), ret_name);
}

/* libcurl's usual ports: 443 for https, 1080 for the others. */
struct err http_proxy_find(const char *option, const char *host, struct http_proxy *ret)
{
    struct http_proxy found = { .from = NULL };
    const char       *text = option ? option : from_environment(host, &found.from);
    struct err        e;

    if (!text || !*text || strcmp(text, "none") == 0)
        return err_of(ERR_NOT_FOUND, "looking for a proxy");
    e = split(text, strncmp(text, "https:", 6) == 0 ? "443" : "1080", found.host, sizeof found.host, &found.port,
              &found.has_user);
    if (!failed(e))
        *ret = found;
    return e;
}
