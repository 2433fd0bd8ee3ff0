/* What may be asked for. Everything here is pure. */
#include <ctype.h>
#include <string.h>

#include "platform/http_parts.h"

static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

/* They frame the message or choose the connection: ours to set. */
static const char *const our_headers[] = {
    "host", "content-length", "transfer-encoding",   "connection",       "keep-alive", "expect", "upgrade",
    "te",   "trailer",        "proxy-authorization", "proxy-connection",
};

static bool listed(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0)
            return true;
    }
    return false;
}

/* RFC 9110, section 5.6.2 */
static bool is_token(const char *text)
{
    size_t len = strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return len > 0 && text[len] == '\0';
}

/* No line break can end the header early, no other control byte either (tab is allowed). */
static bool is_value(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
            return false;
    }
    return true;
}

static bool header_is_good(const struct http_header *header)
{
    char   lower[32] = "";
    size_t len;

    if (!header->name || !header->value || !is_token(header->name) || !is_value(header->value))
        return false;
    len = strlen(header->name);
    if (len >= sizeof lower) /* longer than any of ours */
        return true;
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)header->name[i]);
    return !listed(our_headers, ARRAY_LEN(our_headers), lower);
}

/* libcurl's URL parser runs out of memory like everything else: that must not look like a bad URL. */
static struct err verdict(CURLUcode code, const char *step)
{
    if (code == CURLUE_OK)
        return err_ok();
    return err_of(code == CURLUE_OUT_OF_MEMORY ? ERR_NO_MEMORY : ERR_MALFORMED, step);
}

static CURLUcode check_scheme(CURLU *url, const char *const *schemes, size_t count)
{
    char     *text = NULL;
    CURLUcode code = curl_url_get(url, CURLUPART_SCHEME, &text, 0);

    if (code == CURLUE_OK && !listed(schemes, count, text))
        code = CURLUE_UNSUPPORTED_SCHEME;
    curl_free(text);
    return code;
}

static CURLUcode check_no_user(CURLU *url)
{
    char     *text = NULL;
    CURLUcode code = curl_url_get(url, CURLUPART_USER, &text, 0);

    curl_free(text);
    return code == CURLUE_NO_USER ? CURLUE_OK : code == CURLUE_OK ? CURLUE_USER_NOT_ALLOWED : code;
}

static CURLUcode set_url(CURLU *url, const char *text, unsigned flags)
{
    if (!url)
        return CURLUE_OUT_OF_MEMORY;
    return is_value(text) ? curl_url_set(url, CURLUPART_URL, text, flags) : CURLUE_MALFORMED_INPUT;
}

static struct err check_url(const char *text)
{
    static const char *const schemes[] = { "https" };
    CURLU                   *url = curl_url();
    CURLUcode                code = set_url(url, text, 0);

    if (code == CURLUE_OK)
        code = check_scheme(url, schemes, ARRAY_LEN(schemes));
    if (code == CURLUE_OK)
        code = check_no_user(url);
    curl_url_cleanup(url);
    return verdict(code, "checking a request's URL");
}

struct err http_check_request(const struct http_request *request)
{
    if (!request->method || !listed(methods, ARRAY_LEN(methods), request->method))
        return err_of(ERR_MALFORMED, "checking a request's method");
    if (!request->url)
        return err_of(ERR_MALFORMED, "checking a request's URL");
    if (request->header_count > HTTP_HEADERS_MAX)
        return err_of(ERR_TOO_BIG, "checking a request's headers");
    for (size_t i = 0; i < request->header_count; i++) {
        if (!header_is_good(&request->headers[i]))
            return err_of(ERR_MALFORMED, "checking a request's headers");
    }
    return check_url(request->url);
}

struct err http_check_proxy(const char *proxy)
{
    /* socks5h: the proxy resolves the name; libcurl also takes socks4, which cannot do IPv6 */
    static const char *const schemes[] = { "http", "https", "socks5", "socks5h" };
    CURLU                   *url;
    CURLUcode                code;

    if (strcmp(proxy, "none") == 0)
        return err_ok();
    url = curl_url();
    code = set_url(url, proxy, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OK)
        code = check_scheme(url, schemes, ARRAY_LEN(schemes));
    curl_url_cleanup(url);
    return verdict(code, "checking the proxy's URL");
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart what)
{
    char *of_a = NULL, *of_b = NULL;
    bool  same = curl_url_get(a, what, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, what, &of_b, CURLU_DEFAULT_PORT) == CURLUE_OK && curl_strequal(of_a, of_b);

    curl_free(of_a);
    curl_free(of_b);
    return same;
}

char *http_check_redirect(const char *url, const char *location)
{
    CURLU *from = curl_url(), *to = NULL;
    char  *target = NULL;

    if (set_url(from, url, 0) == CURLUE_OK)
        to = curl_url_dup(from);
    if (to && set_url(to, location, 0) == CURLUE_OK && same_part(from, to, CURLUPART_SCHEME) &&
        same_part(from, to, CURLUPART_HOST) && same_part(from, to, CURLUPART_PORT) && check_no_user(to) == CURLUE_OK &&
        curl_url_set(to, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
        curl_url_get(to, CURLUPART_URL, &target, 0) != CURLUE_OK)
        target = NULL;
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return target;
}
