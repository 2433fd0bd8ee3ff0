#include "agent/export_resource.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "platform/machine.h"
#include "proto/digest.h"
#include "proto/json.h"
#include "version.h"

static void add(struct export_resource *r, const char *key, const char *text)
{
    if (!text || !text[0] || r->count == EXPORT_ATTRS_MAX)
        return;
    utf8_copy(r->texts[r->count], sizeof r->texts[0], text, strlen(text));
    r->attrs[r->count] = (struct otlp_attr){ key, r->texts[r->count] };
    r->count++;
}

/* The conventions' own words for processors. */
static const char *arch_word(const char *machine)
{
    static const struct {
        const char *begins, *word;
    } words[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "arm", "arm32" }, { "i386", "x86" }, { "i486", "x86" },
                  { "i586", "x86" },     { "i686", "x86" },      { "ppc64", "ppc64" }, { "ppc", "ppc32" } };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strncmp(machine, words[i].begins, strlen(words[i].begins)) == 0)
            return words[i].word;
    return machine;
}

/* The machine's own id stays on the machine: a digest of it is as good a name. */
static void add_host_id(struct export_resource *r, const char *id)
{
    char text[80], digest[DIGEST_TEXT_BYTES];

    if (!id[0])
        return;
    snprintf(text, sizeof text, "picket host.id %s", id);
    digest_sha256_text(text, strlen(text), digest);
    digest[32] = '\0';
    add(r, "host.id", digest);
}

/* "Linux 6.1.0" is "linux". */
static void add_os_type(struct export_resource *r, const char *kernel)
{
    char   type[32];
    size_t len = 0;

    while (len + 1 < sizeof type && isalnum((unsigned char)kernel[len])) {
        type[len] = (char)tolower((unsigned char)kernel[len]);
        len++;
    }
    type[len] = '\0';
    add(r, "os.type", type);
}

static void add_machine(struct export_resource *r)
{
    struct plat_machine m;

    if (failed(plat_machine_read(&m)))
        return;
    add(r, "host.name", m.host_name);
    add_host_id(r, m.id);
    add(r, "host.arch", arch_word(m.architecture));
    add_os_type(r, m.kernel);
    add(r, "os.name", m.os_id);
    add(r, "os.version", m.os_version);
    add(r, "os.description", m.os_name);
}

void export_resource_fill(const struct config *config, const char *device_id, const char *device_name,
                          struct export_resource *ret)
{
    ret->count = 0;
    add(ret, "service.name", "picket");
    add(ret, "service.version", PICKET_VERSION);
    add(ret, "service.instance.id", device_id);
    add_machine(ret);
    add(ret, "picket.device", device_name);
    add(ret, "picket.client", config->client);
    add(ret, "picket.site", config->site);
}
