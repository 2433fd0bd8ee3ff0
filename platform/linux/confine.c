#include "platform/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/callfilter.h"
#include "platform/linux/landlock.h"

enum { FILES_AT_ONCE = 128 };

/* What resolving names and TLS read. Where one is a link, the rule is bound to the file it leads to now. Those that the
 * system replaces while we run are watched. */
static const struct {
    const char *path;
    bool        watched;
} usual[] = {
    { "/etc/resolv.conf", true },
    { "/etc/hosts", true },
    { "/etc/nsswitch.conf", true },
    { "/etc/localtime", true },
    { "/etc/host.conf", false },
    { "/etc/gai.conf", false },
    { "/etc/services", false },
    { "/etc/passwd", false },
    { "/etc/ssl/certs", false },
    { "/etc/ssl/cert.pem", true },
    { "/etc/ssl/ca-bundle.pem", true },
    { "/etc/ssl/openssl.cnf", false },
    { "/etc/pki/tls/certs", false },
    { "/etc/pki/tls/cert.pem", false },
    { "/etc/pki/ca-trust", false },
    { "/etc/ca-certificates", false },
    { "/var/lib/ca-certificates", false },
    { "/usr/share/ca-certificates", false },
    { "/usr/local/share/ca-certificates", false },
    { "/usr/share/ssl/certs", false },
    { "/run/systemd/resolve", false },
    { "/usr/share/zoneinfo", false },
    { "/dev/null", false },
    { "/dev/urandom", false },
};

/* A build with a memory checker looks through its own threads when it ends, with ptrace and /proc. So it keeps
 * those; it is not for use. The checker's own functions tell that it is one. */
void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));

static bool has_checker(void)
{
    return __asan_init || __tsan_init;
}

/* ---- the report ---- */

static void tell(struct plat_confine_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct plat_confine_report *report, const char *format, ...)
{
    size_t  len = strlen(report->text);
    va_list args;

    if (len > 0)
        len += (size_t)snprintf(report->text + len, sizeof report->text - len, ", ");
    if (len >= sizeof report->text)
        return;
    va_start(args, format);
    vsnprintf(report->text + len, sizeof report->text - len, format, args);
    va_end(args);
}

static void stamp_of(const char *path, uint64_t *ret_device, uint64_t *ret_file)
{
    struct stat what;

    *ret_device = *ret_file = 0;
    if (stat(path, &what) == 0) {
        *ret_device = what.st_dev;
        *ret_file = what.st_ino;
    }
}

static void watch(struct plat_confine_report *report, const char *path)
{
    size_t i = report->stamp_count;

    if (i == CONFINE_STAMPS_MAX || strlen(path) >= CONFINE_PATH_BYTES)
        return;
    snprintf(report->stamps[i].path, CONFINE_PATH_BYTES, "%s", path);
    stamp_of(path, &report->stamps[i].device, &report->stamps[i].file);
    report->stamp_count++;
}

bool plat_confine_outdated(const struct plat_confine_report *report)
{
    uint64_t device, file;

    for (size_t i = 0; i < report->stamp_count; i++) {
        stamp_of(report->stamps[i].path, &device, &file);
        if (device != report->stamps[i].device || file != report->stamps[i].file)
            return true;
    }
    return false;
}

/* ---- the steps ---- */

/* The order matters: a parent that ended before the first line ran is seen by the second. */
static struct err die_with_parent(int parent_link)
{
    struct pollfd link = { .fd = parent_link };

    if (parent_link < 0)
        return err_ok();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return err_from_os(errno, "binding our life to the parent's");
    if (poll(&link, 1, 0) < 0)
        return err_from_os(errno, "looking for the parent");
    if (link.revents & (POLLHUP | POLLERR | POLLNVAL))
        return err_of(ERR_NOT_FOUND, "looking for the parent");
    return err_ok();
}

static struct err limit(int what, rlim_t most)
{
    struct rlimit now;

    if (getrlimit(what, &now) != 0)
        return err_from_os(errno, "setting a limit");
    if (now.rlim_max < most)
        most = now.rlim_max;
    now = (struct rlimit){ most, most };
    if (setrlimit(what, &now) != 0)
        return err_from_os(errno, "setting a limit");
    return err_ok();
}

/* Also as root, who without them is only the owner of root's files. */
static struct err drop_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct   none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

    for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
        prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* not ours to drop unless root: then there is nothing to bound */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0)
        return err_from_os(errno, "dropping capabilities");
    return err_ok();
}

static struct err drop_privileges(struct plat_confine_report *report)
{
    struct err e;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_from_os(errno, "giving up new privileges");
    tell(report, "no new privileges");
    e = drop_capabilities();
    if (failed(e))
        return e;
    tell(report, "no capabilities");
    if (!has_checker() && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_from_os(errno, "hiding our memory");
    return e;
}

static void allow_all(int rules, const struct plat_confine_options *options, struct plat_confine_report *report)
{
    /* a path that is missing is allowed once it is there: plat_confine_outdated sees it come */
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        landlock_allow_reading(rules, usual[i].path);
        if (usual[i].watched)
            watch(report, usual[i].path);
    }
    for (size_t i = 0; i < options->readable_count; i++) {
        landlock_allow_reading(rules, options->readable[i]);
        watch(report, options->readable[i]);
    }
    if (has_checker())
        landlock_allow_reading(rules, "/proc/self");
}

static struct err wall_files(const struct plat_confine_options *options, struct plat_confine_report *report)
{
    int        version = landlock_version(), rules;
    struct err e;

    if (version == 0) {
        tell(report, "files not walled (this kernel has no Landlock)");
        return err_ok();
    }
    e = landlock_begin(version, &rules);
    if (failed(e))
        return e;
    allow_all(rules, options, report);
    e = landlock_end(rules);
    if (failed(e))
        return e;
    report->files = true;
    tell(report, "files walled (Landlock %d)", version);
    return e;
}

static struct err filter_calls(struct plat_confine_report *report)
{
    struct err e;

    if (has_checker()) {
        tell(report, "calls not filtered (this build carries a memory checker)");
        return err_ok();
    }
    e = callfilter_install();
    if (e.code == ERR_UNSUPPORTED) {
        tell(report, "calls not filtered (not offered here)");
        return err_ok();
    }
    if (failed(e))
        return e;
    report->calls = true;
    tell(report, "calls filtered (seccomp)");
    return e;
}

struct err plat_confine_courier(const struct plat_confine_options *options, struct plat_confine_report *ret)
{
    struct err e = die_with_parent(options->parent_link);

    if (options->readable_count > CONFINE_READABLE_MAX)
        return err_of(ERR_TOO_BIG, "confining the process");
    memset(ret, 0, sizeof *ret);
    if (!failed(e))
        e = limit(RLIMIT_CORE, 0);
    if (!failed(e))
        e = limit(RLIMIT_NOFILE, FILES_AT_ONCE);
    if (!failed(e))
        e = drop_privileges(ret);
    if (!failed(e))
        e = wall_files(options, ret);
    if (!failed(e))
        e = filter_calls(ret);
    return e;
}

/* PR_GET_SECCOMP fails where the kernel was built without; what a filter may be is the filter's own question. */
struct err plat_confine_offered(struct plat_confine_offer *ret)
{
    int version = landlock_version();

    ret->files = version > 0 ? version : 0;
    ret->calls = prctl(PR_GET_SECCOMP) >= 0;
    return err_ok();
}
