/* What libcurl does not tell about TLS. mbedTLS is the library of our own builds; where libcurl
 * brings another one (a distribution's, with OpenSSL), its plain verify result is read instead. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mbedtls/oid.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

#include "platform/http_parts.h"

static bool curl_has_mbedtls(void)
{
    const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;

    return name && strncmp(name, "mbedTLS/", 8) == 0;
}

struct err http_tls_start(void)
{
    unsigned char byte;
    psa_status_t  status;

    if (!curl_has_mbedtls())
        return err_ok();
#ifdef MBEDTLS_PLATFORM_HAVE_DEV_RANDOM
    /* With musl mbedTLS reads a device instead of asking the kernel. Before Linux 5.6 /dev/random also waits when nothing
     * is wrong; the other one never does, so first see that the kernel has collected enough. */
    mbedtls_platform_dev_random = "/dev/urandom";
#endif
    if (uv_random(NULL, NULL, &byte, sizeof byte, 0, NULL) != 0)
        return err_of(ERR_OS, "waiting for randomness");
    /* TLS 1.3 needs it, and libcurl leaves it to us. Repeating it is harmless. */
    errno = 0;
    status = psa_crypto_init();
    if (status == PSA_ERROR_INSUFFICIENT_MEMORY || (status != PSA_SUCCESS && errno == ENOMEM))
        return err_of(ERR_NO_MEMORY, "starting the cryptography library");
    return status == PSA_SUCCESS ? err_ok() : err_of(ERR_OS, "starting the cryptography library");
}

// clang-format off
static const struct { uint32_t theirs, fault; } mbedtls_faults[] = {
    { MBEDTLS_X509_BADCERT_EXPIRED,       CERT_EXPIRED },
    { MBEDTLS_X509_BADCERT_FUTURE,        CERT_FUTURE },
    { MBEDTLS_X509_BADCERT_CN_MISMATCH,   CERT_OTHER_HOST },
    { MBEDTLS_X509_BADCERT_NOT_TRUSTED,   CERT_UNTRUSTED },
    { MBEDTLS_X509_BADCERT_REVOKED,       CERT_REVOKED },
    { MBEDTLS_X509_BADCERT_BAD_MD,        CERT_WEAK },
    { MBEDTLS_X509_BADCERT_BAD_PK,        CERT_WEAK },
    { MBEDTLS_X509_BADCERT_BAD_KEY,       CERT_WEAK },
    { MBEDTLS_X509_BADCERT_KEY_USAGE,     CERT_WRONG_USE },
    { MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, CERT_WRONG_USE },
    { MBEDTLS_X509_BADCERT_NS_CERT_TYPE,  CERT_WRONG_USE },
};

/* X509_V_ERR_... of OpenSSL's x509_vfy.h; stable numbers, and no reason to need its headers. */
static const struct { long theirs; uint32_t fault; } openssl_faults[] = {
    {  9, CERT_FUTURE },
    { 10, CERT_EXPIRED },
    {  2, CERT_UNTRUSTED }, /* unable to get issuer certificate */
    { 18, CERT_UNTRUSTED }, /* self-signed */
    { 19, CERT_UNTRUSTED }, /* self-signed in the chain */
    { 20, CERT_UNTRUSTED }, /* unable to get local issuer certificate */
    { 21, CERT_UNTRUSTED }, /* unable to verify the first certificate */
    { 23, CERT_REVOKED },
    { 26, CERT_WRONG_USE },
    { 62, CERT_OTHER_HOST },
    { 64, CERT_OTHER_HOST },
    { 66, CERT_WEAK },
    { 67, CERT_WEAK },
    { 68, CERT_WEAK },
};
// clang-format on

/* The common name; of a certificate without one, everything that its name says. */
static void keep_name(const mbedtls_x509_name *name, char into[HTTP_NAME_BYTES])
{
    for (const mbedtls_x509_name *part = name; part; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0 && part->val.len > 0) {
            snprintf(into, HTTP_NAME_BYTES, "%.*s", (int)part->val.len, (const char *)part->val.p);
            return;
        }
    }
    if (mbedtls_x509_dn_gets(into, HTTP_NAME_BYTES, name) < 0)
        snprintf(into, HTTP_NAME_BYTES, "(a very long name)");
}

static void keep_date(const mbedtls_x509_time *time, char into[11])
{
    snprintf(into, 11, "%04u-%02u-%02u", (unsigned)time->year % 10000, (unsigned)time->mon % 100,
             (unsigned)time->day % 100);
}

/* They come from the root down to the server's own. */
static void keep_certificate(struct http_chain *chain, const mbedtls_x509_crt *certificate, int depth)
{
    if (!chain || depth < 0 || depth >= HTTP_CHAIN_MAX)
        return;
    keep_name(&certificate->subject, chain->items[depth].subject);
    keep_name(&certificate->issuer, chain->items[depth].issuer);
    keep_date(&certificate->valid_from, chain->items[depth].from);
    keep_date(&certificate->valid_to, chain->items[depth].until);
    if ((size_t)depth >= chain->count)
        chain->count = (size_t)depth + 1;
}

static int on_certificate(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    struct http_exchange *x = context;
    uint32_t             *faults = &x->cert_faults;
    uint32_t              known = 0;

    keep_certificate(x->http->chain, certificate, depth);
    for (size_t i = 0; i < ARRAY_LEN(mbedtls_faults); i++) {
        if (*flags & mbedtls_faults[i].theirs)
            known |= mbedtls_faults[i].fault;
    }
    *faults |= *flags && !known ? CERT_OTHER : known;
    return 0; /* *flags stay: the handshake fails with any */
}

/* libcurl's own verify callback only prints; ours takes its place. libcurl also accepts RSA keys of
 * 1024 bits; the library's default asks for SHA-2, RSA from 2048, P-256 or better. */
static CURLcode on_config(CURL *easy, void *config, void *context)
{
    struct http_exchange *x = context;

    (void)easy;
    if (x->http->chain)
        *x->http->chain = (struct http_chain){ .count = 0 };
    mbedtls_ssl_conf_verify(config, on_certificate, x);
    mbedtls_ssl_conf_cert_profile(config, &mbedtls_x509_crt_profile_default);
    return CURLE_OK;
}

struct err http_tls_watch(struct http_exchange *x)
{
    if (!curl_has_mbedtls())
        return err_ok();
    if (curl_easy_setopt(x->easy, CURLOPT_SSL_CTX_FUNCTION, on_config) != CURLE_OK ||
        curl_easy_setopt(x->easy, CURLOPT_SSL_CTX_DATA, x) != CURLE_OK)
        return err_of(ERR_UNSUPPORTED, "watching certificates");
    return err_ok();
}

uint32_t http_tls_faults(CURL *easy, const char *curl_text, uint32_t watched)
{
    long result = 0;

    if (watched || curl_has_mbedtls())
        return watched ? watched : CERT_OTHER;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    for (size_t i = 0; i < ARRAY_LEN(openssl_faults); i++) {
        if (openssl_faults[i].theirs == result)
            return openssl_faults[i].fault;
    }
    return strstr(curl_text, "subject name") ? CERT_OTHER_HOST : CERT_OTHER;
}
