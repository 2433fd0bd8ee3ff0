#include "platform/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "platform/linux/parse.h"
#include "platform/linux/rooted.h"

/* A value of a file of NAME=value lines. */
static void value_of(const char *root, const char *path, const char *key, char *into, size_t size)
{
    char   text[8192];
    size_t len = into[0] ? 0 : rooted_head(root, path, text, sizeof text);

    if (len)
        plat_os_release_parse(text, len, key, into, size);
}

static void read_os(const char *root, struct plat_host *ret)
{
    static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };

    for (size_t i = 0; i < 2; i++) {
        value_of(root, paths[i], "PRETTY_NAME", ret->os_name, sizeof ret->os_name);
        value_of(root, paths[i], "ID", ret->os_id, sizeof ret->os_id);
        value_of(root, paths[i], "VERSION_ID", ret->os_version, sizeof ret->os_version);
    }
}

/* Of another root the kernel is whatever runs it one day. */
static void read_kernel(const char *root, struct plat_host *ret)
{
    struct utsname names;

    if (root[0]) {
        rooted_line(root, ret->name, sizeof ret->name, "/etc/hostname");
        rooted_line(root, ret->kernel, sizeof ret->kernel, "/proc/sys/kernel/osrelease");
        return;
    }
    if (uname(&names) != 0)
        return;
    snprintf(ret->name, sizeof ret->name, "%.*s", (int)sizeof ret->name - 1, names.nodename);
    snprintf(ret->kernel, sizeof ret->kernel, "%.40s %.80s", names.sysname, names.release);
    snprintf(ret->architecture, sizeof ret->architecture, "%.31s", names.machine);
}

static void read_settings(const char *root, struct plat_host *ret)
{
    char        link[256];
    const char *zone = rooted_link(root, link, sizeof link, "/etc/localtime") ? strstr(link, "zoneinfo/") : NULL;

    if (zone)
        snprintf(ret->time_zone, sizeof ret->time_zone, "%.63s", zone + 9);
    else
        rooted_line(root, ret->time_zone, sizeof ret->time_zone, "/etc/timezone");
    if (!ret->time_zone[0] && !rooted_exists(root, "/etc/localtime"))
        snprintf(ret->time_zone, sizeof ret->time_zone, "UTC"); /* what the C library takes then */
    value_of(root, "/etc/locale.conf", "LANG", ret->locale, sizeof ret->locale);
    value_of(root, "/etc/default/locale", "LANG", ret->locale, sizeof ret->locale);
    value_of(root, "/etc/sysconfig/i18n", "LANG", ret->locale, sizeof ret->locale);
}

static void read_boot(const char *root, struct plat_host *ret)
{
    struct buf  text;
    const char *found;

    rooted_line(root, ret->boot_id, sizeof ret->boot_id, "/proc/sys/kernel/random/boot_id");
    buf_init(&text, 8 << 20); /* a row for each interrupt stands before it */
    if (!failed(rooted_read(root, "/proc/stat", "reading /proc/stat", &text))) {
        found = strstr(buf_text(&text), "\nbtime ");
        ret->booted_ms = found ? strtoll(found + 7, NULL, 10) * 1000 : 0;
    }
    buf_done(&text);
}

void plat_host_read(const struct plat_source *from, struct plat_host *ret)
{
    *ret = (struct plat_host){ .booted_ms = 0 };
    read_os(from->root, ret);
    read_kernel(from->root, ret);
    read_settings(from->root, ret);
    read_boot(from->root, ret);
    rooted_line(from->root, ret->machine_id, sizeof ret->machine_id, "/etc/machine-id");
    if (strspn(ret->machine_id, "0123456789abcdef") != 32)
        ret->machine_id[0] = '\0';
}
