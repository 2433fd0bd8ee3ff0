#include "platform/environment.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "platform/linux/environment_parse.h"
#include "platform/linux/rooted.h"

/* ---- virtual machines ---- */

struct hint {
    const char *text, *means;
};

/* What firmware says of its maker or product, by its beginning; the first that fits counts. */
static const struct hint firmware[] = {
    { "KVM", "kvm" },
    { "OpenStack", "kvm" },
    { "KubeVirt", "kvm" },
    { "Amazon EC2", "amazon" },
    { "QEMU", "qemu" },
    { "VMware", "vmware" },
    { "VMW", "vmware" },
    { "innotek GmbH", "oracle" },
    { "VirtualBox", "oracle" },
    { "Oracle Corporation", "oracle" },
    { "Xen", "xen" },
    { "Bochs", "bochs" },
    { "Parallels", "parallels" },
    { "BHYVE", "bhyve" },
    { "Hyper-V", "hyperv" },
    { "Virtual Machine", "hyperv" },
    { "Apple Virtualization", "apple" },
    { "Google Compute Engine", "google" },
    { "Nutanix", "kvm" },
    { "Alibaba Cloud ECS", "kvm" },
    { "HVM domU", "xen" },
    { "RHEV Hypervisor", "kvm" },
    { "DigitalOcean", "kvm" },
};

static const char *lookup(const struct hint *hints, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(text, hints[i].text, strlen(hints[i].text)) == 0)
            return hints[i].means;
    return NULL;
}

const char *plat_firmware_means(const char *text)
{
    return lookup(firmware, ARRAY_LEN(firmware), text);
}

bool plat_cpuinfo_has_hypervisor(const char *text)
{
    const char *flags = strstr(text, "\nflags");
    size_t      len = flags ? strcspn(flags + 1, "\n") : 0;

    for (const char *at = flags; at && (at = strstr(at, " hypervisor")) != NULL && at < flags + len; at++)
        if (strchr(" \n", at[11]))
            return true;
    return false;
}

/* Bare metal in the same words that cloud makers sell (an "Amazon EC2" that is a whole machine) has no hypervisor flag;
 * machines without that flag (ARM) are judged by firmware alone. */
static void read_virtualization(const char *root, char *ret, size_t size)
{
    static const char *const texts[] = { "product_name", "sys_vendor", "board_vendor", "bios_vendor",
                                         "product_version" };
    char                     text[16 * 1024], line[128];
    const char              *means = NULL;
    bool                     x86, flag;

    rooted_head(root, "/proc/cpuinfo", text, sizeof text);
    x86 = strstr(text, "\nflags") != NULL;
    flag = plat_cpuinfo_has_hypervisor(text);
    for (size_t i = 0; !means && i < ARRAY_LEN(texts); i++)
        if (!failed(rooted_line(root, line, sizeof line, "/sys/class/dmi/id/%s", texts[i])))
            means = plat_firmware_means(line);
    if (!failed(rooted_line(root, line, sizeof line, "/sys/hypervisor/type")) && strcmp(line, "xen") == 0)
        means = "xen";
    if (!failed(rooted_line(root, line, sizeof line, "/proc/device-tree/hypervisor/compatible")))
        means = strstr(line, "xen") ? "xen" : "kvm";
    if (x86 && !flag && means && strcmp(means, "xen") != 0)
        means = "none";
    if (!means && text[0])
        means = flag ? "vm-other" : "none";
    snprintf(ret, size, "%s", means ? means : "");
}

/* ---- containers ---- */

static const struct hint managers[] = {
    { "docker", "docker" }, { "podman", "podman" }, { "lxc", "lxc" }, { "systemd-nspawn", "systemd-nspawn" },
    { "rkt", "rkt" },       { "oci", "docker" },    { "wsl", "wsl" }, { "openvz", "openvz" },
};

const char *plat_cgroup_means(const char *text)
{
    static const struct hint parts[] = {
        { "/kubepods", "kubernetes" },
        { "/docker/", "docker" },
        { "/docker-", "docker" },
        { "/libpod-", "podman" },
        { "/machine.slice/libpod", "podman" },
        { "/lxc/", "lxc" },
        { "/lxc.payload", "lxc" },
        { "/ecs/", "docker" },
        { "/crio-", "kubernetes" },
    };

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (strstr(text, parts[i].text))
            return parts[i].means;
    return NULL;
}

/* The first process was started with container=NAME; only root may look. */
static const char *by_first_process(const char *root)
{
    char        text[4096];
    size_t      len = rooted_head(root, "/proc/1/environ", text, sizeof text);
    const char *found = text;

    while (len && (found = strstr(found, "container=")) != NULL && found != text && found[-1] != ' ')
        found++;
    return len && found ? lookup(managers, ARRAY_LEN(managers), found + 10) : NULL;
}

static const char *by_files(const char *root)
{
    char line[64];

    if (rooted_exists(root, "/run/.containerenv"))
        return "podman";
    if (rooted_exists(root, "/.dockerenv"))
        return "docker";
    if (!failed(rooted_line(root, line, sizeof line, "/run/systemd/container")))
        return lookup(managers, ARRAY_LEN(managers), line);
    if (rooted_exists(root, "/var/run/secrets/kubernetes.io/serviceaccount"))
        return "kubernetes";
    if (rooted_exists(root, "/proc/vz/version") && !rooted_exists(root, "/proc/bc"))
        return "openvz";
    return NULL;
}

/* ---- what a container is allowed ---- */

/* Where a container has control groups mounted, the topmost is its own; that of a whole machine has no limits, in version 2
 * not even the files. Version 1 says "no limit" as the greatest number of whole pages. */
static uint64_t memory_limit(const char *root)
{
    const uint64_t boundless = (uint64_t)INT64_MAX - (64 << 10);
    char           line[64];
    uint64_t       bytes;

    if (failed(rooted_line(root, line, sizeof line, "/sys/fs/cgroup/memory.max")) &&
        failed(rooted_line(root, line, sizeof line, "/sys/fs/cgroup/memory/memory.limit_in_bytes")))
        return 0;
    bytes = strtoull(line, NULL, 10); /* "max" is 0 */
    return bytes < boundless ? bytes : 0;
}

/* QUOTA microseconds of CPU in each PERIOD: in one line, or in two files, where -1 is no limit. */
static uint64_t cpu_limit(const char *root)
{
    char      line[64], second[64] = "", *rest;
    long long quota, period;

    if (failed(rooted_line(root, line, sizeof line, "/sys/fs/cgroup/cpu.max"))) {
        rooted_line(root, line, sizeof line, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
        rooted_line(root, second, sizeof second, "/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    }
    quota = strtoll(line, &rest, 10);
    period = strtoll(second[0] ? second : rest, NULL, 10);
    return quota > 0 && period > 0 && quota < INT64_MAX / 1000 ? (uint64_t)(quota * 1000 / period) : 0;
}

static void read_cgroups(const char *root, struct plat_environment *ret)
{
    const char *kind = "";

    if (rooted_exists(root, "/sys/fs/cgroup/cgroup.controllers"))
        kind = "v2";
    else if (rooted_exists(root, "/sys/fs/cgroup/unified/cgroup.procs"))
        kind = "hybrid";
    else if (rooted_exists(root, "/sys/fs/cgroup/memory") || rooted_exists(root, "/sys/fs/cgroup/systemd"))
        kind = "v1";
    snprintf(ret->cgroups, sizeof ret->cgroups, "%s", kind);
    ret->memory_limit_bytes = memory_limit(root);
    ret->cpu_limit_millis = cpu_limit(root);
}

void plat_environment_read(const char *root, struct plat_environment *ret)
{
    char        text[8 * 1024];
    const char *container = by_files(root);

    read_virtualization(root, ret->virtualization, sizeof ret->virtualization);
    if (rooted_head(root, "/proc/sys/kernel/osrelease", text, sizeof text) &&
        (strstr(text, "Microsoft") || strstr(text, "microsoft")))
        snprintf(ret->virtualization, sizeof ret->virtualization, "wsl");
    if (!container)
        container = by_first_process(root);
    if (!container && rooted_head(root, "/proc/1/cgroup", text, sizeof text))
        container = plat_cgroup_means(text);
    if (!container && rooted_exists(root, "/proc/1"))
        container = "none";
    snprintf(ret->container, sizeof ret->container, "%s", container ? container : "");
    read_cgroups(root, ret);
}
