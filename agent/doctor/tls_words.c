#include "agent/doctor/tls_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "platform/clock.h"

const char *tls_chain_print(const struct http_chain *chain, char *into, size_t size)
{
    size_t len = 0, last = chain->count;

    into[0] = '\0';
    for (size_t i = 0; i < chain->count && len < size; i++) {
        if (i == 0)
            len += (size_t)snprintf(into, size, "%s (%s to %s)", chain->items[0].subject, chain->items[0].from,
                                    chain->items[0].until);
        else
            len += (size_t)snprintf(into + len, size - len, ", by %s", chain->items[i].subject);
    }
    if (last == 0 || len >= size)
        return into;
    last--;
    if (strcmp(chain->items[last].issuer, chain->items[last].subject) != 0)
        snprintf(into + len, size - len, ", by %s", chain->items[last].issuer);
    else if (last == 0)
        snprintf(into + len, size - len, ", by itself");
    return into;
}

/* Names that security products give to the authority they sign with. */
static const char *const inspectors[] = {
    "Zscaler",    "Fortinet",  "FortiGate", "Sophos",      "Palo Alto", "Blue Coat", "Netskope", "Umbrella",  "Check Point",
    "WatchGuard", "SonicWall", "Barracuda", "Forcepoint",  "Untangle",  "Kaspersky", "ESET SSL", "Avast",     "Bitdefender",
    "Squid",      "mitmproxy", "iboss",     "Smoothwall",  "Lightspeed", "Cloudflare Gateway", "Secure Web Gateway",
    "SSL Inspection", "SSL Proxy", "Web Filter",
};

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; *text; text++) {
        size_t i = 0;

        while (i < len && text[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == len)
            return true;
    }
    return false;
}

const char *tls_inspector(const struct http_chain *chain)
{
    for (size_t c = 0; c < chain->count; c++)
        for (size_t i = 0; i < ARRAY_LEN(inspectors); i++)
            if (contains(chain->items[c].issuer, inspectors[i]))
                return inspectors[i];
    return NULL;
}

static void advise_on_trust(struct exam *x, const struct http_chain *chain, const char *host)
{
    const char *opener = tls_inspector(chain);
    size_t      last = chain->count ? chain->count - 1 : 0;

    if (opener)
        exam_advise(x, "A proxy or security product (%s) opens TLS on the way. Have %s excepted from inspection, or name its "
                       "authority in \"ca_file\" of the upstream: it then reads everything.",
                    opener, host);
    else if (chain->count == 1 && strcmp(chain->items[0].issuer, chain->items[0].subject) == 0)
        exam_advise(x, "It vouches for itself. If the server is yours, name this certificate in \"ca_file\" of the upstream; "
                       "if not, something stands between it and us.");
    else
        exam_advise(x, "\"%s\" is not among those this machine trusts. Either a proxy opens TLS on the way (have %s excepted), "
                       "or it is a private authority: name its certificate in \"ca_file\" of the upstream. There is no switch "
                       "that turns the check off.",
                    chain->count ? chain->items[last].issuer : "Its issuer", host);
}

void tls_advise(struct exam *x, uint32_t faults, const struct http_chain *chain, const char *host)
{
    char now[CLOCK_TEXT_BYTES];

    plat_clock_print(plat_clock_wall_ms(), now);
    if (faults & CERT_UNTRUSTED)
        advise_on_trust(x, chain, host);
    else if (faults & CERT_FUTURE)
        exam_advise(x, "This machine's clock says %s: correct it (timedatectl).", now);
    else if (faults & CERT_EXPIRED)
        exam_advise(x, "Whoever runs %s has to renew it; unless this machine's clock is wrong: it says %s.", host, now);
    else if (faults & CERT_OTHER_HOST)
        exam_advise(x, "%s is answered by a server of another name. Correct the address in the settings; or something (a "
                       "captive portal, an inspecting proxy) answers in its place.",
                    host);
    else if (faults)
        exam_advise(x, "Whoever runs %s has to get a better certificate.", host);
    else
        exam_advise(x, "Is %s the right host and port? A proxy or firewall that allows only some hosts ends connections so, "
                       "too.",
                    host);
}
