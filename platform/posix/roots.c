#include "platform/roots.h"

#include <fcntl.h>
#include <unistd.h>

#include "platform/buf.h"

/* One static program for every distribution: the place is found when it runs. */
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL and its kin */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* the same, newest */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine without the package, BSDs */
    "/var/lib/ca-certificates/ca-bundle.pem",            /* SUSE without the link */
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",  /* Arch without the link */
    "/usr/share/ssl/certs/ca-bundle.crt",
};

struct err plat_roots_find(const char **ret_path)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (access(places[i], R_OK) == 0) {
            *ret_path = places[i];
            return err_ok();
        }
    }
    return err_of(ERR_NOT_FOUND, "finding this system's trusted certificates");
}
