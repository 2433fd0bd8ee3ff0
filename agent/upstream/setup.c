#include "agent/upstream/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool upstream_is_desk(const struct config_upstream *upstream)
{
    return strcmp(upstream->connector, "desk") == 0;
}

bool upstream_takes_samples(const struct config_upstream *upstream)
{
    return strcmp(upstream->connector, CONFIG_EXPORT) == 0;
}

bool setup_takes_samples(const struct link_setup *setup)
{
    return strcmp(setup->connector, CONFIG_EXPORT) == 0;
}

static void copy(char *into, size_t size, const char *text)
{
    snprintf(into, size, "%s", text ? text : "");
}

void setup_fill(const struct config *config, size_t i, struct link_setup *ret)
{
    const struct config_upstream *u = &config->upstreams[i];

    memset(ret, 0, sizeof *ret);
    ret->upstream = i;
    copy(ret->name, sizeof ret->name, u->name);
    copy(ret->connector, sizeof ret->connector, u->connector);
    copy(ret->connector_file, sizeof ret->connector_file, u->connector_file);
    copy(ret->ca_file, sizeof ret->ca_file, u->ca_file);
    copy(ret->proxy, sizeof ret->proxy, u->proxy);
    for (; ret->setting_count < u->setting_count; ret->setting_count++) {
        const struct config_setting *from = &u->settings[ret->setting_count];
        struct link_setting         *to = &ret->settings[ret->setting_count];

        copy(to->name, sizeof to->name, from->name);
        copy(to->value, sizeof to->value, from->file ? from->file : from->value);
        to->is_file = from->file != NULL;
    }
}

struct err setup_print(const struct config *config, struct buf *into)
{
    struct link_setup *setup = calloc(1, sizeof *setup);
    struct err         e = setup ? err_ok() : err_of(ERR_NO_MEMORY, "starting the courier");

    for (size_t i = 0; i < config->upstream_count && !failed(e); i++) {
        if (upstream_is_desk(&config->upstreams[i]))
            continue;
        setup_fill(config, i, setup);
        e = link_setup_put(into, setup);
    }
    if (!failed(e))
        e = link_bare_put(into, LINK_GO);
    free(setup);
    return e;
}
