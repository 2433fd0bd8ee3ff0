#include "platform/packages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/package_parse.h"
#include "platform/linux/packages_rpm.h"
#include "platform/linux/rooted.h"

enum { PARAGRAPH_MAX = 512 << 10 }; /* the longest seen is 30 kB */

static const char dpkg_path[] = "/var/lib/dpkg/status", apk_path[] = "/lib/apk/db/installed";
static const char apk_new_path[] = "/usr/lib/apk/db/installed"; /* since Alpine 3.22, where /lib is a link */
static const char flatpak_path[] = "/var/lib/flatpak/app", snap_path[] = "/var/lib/snapd/snaps";

/* ---- paragraphs, block by block: a long file takes no more memory than a short one ---- */

/* Behind the last empty line; 0: there is none. */
static size_t whole_paragraphs(const char *text, size_t len)
{
    for (size_t at = len; at >= 2; at--)
        if (text[at - 1] == '\n' && text[at - 2] == '\n')
            return at;
    return 0;
}

static struct err fill(int fd, char *text, size_t room, size_t *len)
{
    while (*len < room) {
        ssize_t got = read(fd, text + *len, room - *len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_from_os(errno, "reading the list of packages");
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return err_ok();
}

static struct err parse_blocks(int fd, char *text, const struct package_format *format, plat_package_fn *each,
                               void *context)
{
    struct err worst = err_ok();

    for (size_t len = 0;;) {
        struct err e = fill(fd, text, PARAGRAPH_MAX, &len);
        size_t     whole = len < PARAGRAPH_MAX ? len : whole_paragraphs(text, len);

        if (failed(e))
            return e;
        if (len == 0)
            return worst;
        if (whole == 0) /* no paragraph is as long */
            return err_of(ERR_MALFORMED, "reading the list of packages");
        e = plat_paragraphs_parse(format, text, whole, each, context);
        if (failed(e))
            worst = e;
        memmove(text, text + whole, len - whole);
        len -= whole;
    }
}

static void read_paragraphs(const struct plat_source *from, const char *path, const struct package_format *format,
                            plat_package_fn *each, void *context)
{
    int        fd = -1;
    char      *text = malloc(PARAGRAPH_MAX);
    struct err e = text ? rooted_open(from->root, path, "reading the list of packages", &fd)
                        : err_of(ERR_NO_MEMORY, "reading the list of packages");

    if (!failed(e)) {
        e = parse_blocks(fd, text, format, each, context);
        close(fd);
    }
    free(text);
    if (failed(e) && e.code != ERR_NOT_FOUND)
        from->gap(from->context, format->manager, e);
}

/* ---- folders of others ---- */

struct folder {
    const struct plat_source *from;
    plat_package_fn          *each;
    void                     *context;
};

/* app/NAME/current leads to ARCHITECTURE/BRANCH, and active in there to the commit that is deployed. */
static void take_flatpak(void *context, const char *name)
{
    const struct folder *f = context;
    char                 current[160], commit[160], version[PACKAGE_VERSION_MAX], *branch;

    if (!rooted_link(f->from->root, current, sizeof current, "%s/%s/current", flatpak_path, name))
        return;
    branch = strchr(current, '/');
    if (!branch)
        return;
    rooted_link(f->from->root, commit, sizeof commit, "%s/%s/%s/active", flatpak_path, name, current);
    *branch++ = '\0';
    snprintf(version, sizeof version, "%.150s%s%.12s", branch, commit[0] ? " " : "", commit);
    f->each(f->context, &(struct plat_package){ "flatpak", name, version, current });
}

/* snaps/NAME_REVISION.snap, of which some are kept to go back to; the one in use is /snap/NAME/current. */
static void take_snap(void *context, const char *file)
{
    static const char *const places[] = { "/snap", "/var/lib/snapd/snap" };
    const struct folder     *f = context;
    const char              *revision = strrchr(file, '_');
    char                     name[128], current[64], version[80];

    if (!revision || !strstr(revision, ".snap") || (size_t)(revision - file) >= sizeof name)
        return;
    snprintf(name, sizeof name, "%.*s", (int)(revision - file), file);
    snprintf(version, sizeof version, "%.*s", (int)strcspn(revision + 1, "."), revision + 1);
    for (size_t i = 0; i < 2; i++)
        if (rooted_link(f->from->root, current, sizeof current, "%s/%s/current", places[i], name) &&
            strcmp(current, version) == 0) {
            f->each(f->context, &(struct plat_package){ "snap", name, version, "" });
            return;
        }
}

static void read_folder(const struct plat_source *from, const char *path, const char *part, rooted_name_fn *take,
                        plat_package_fn *each, void *context)
{
    struct folder f = { from, each, context };
    struct err    e = rooted_each(from->root, path, take, &f);

    if (failed(e) && e.code != ERR_NOT_FOUND)
        from->gap(from->context, part, e);
}

void plat_packages_each(const struct plat_source *from, plat_package_fn *each, void *context)
{
    const char *apk = rooted_exists(from->root, "%s", apk_path) ? apk_path : apk_new_path;

    read_paragraphs(from, dpkg_path, &package_dpkg, each, context);
    read_paragraphs(from, apk, &package_apk, each, context);
    plat_rpm_each(from, each, context);
    read_folder(from, flatpak_path, "flatpak", take_flatpak, each, context);
    read_folder(from, snap_path, "snap", take_snap, each, context);
}

int64_t plat_packages_changed_s(const char *root)
{
    const char *const paths[] = { dpkg_path, apk_path, apk_new_path, plat_rpm_database(root), flatpak_path, snap_path };
    int64_t           newest = 0;

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char        path[ROOTED_PATH_BYTES];
        struct stat at;

        if (paths[i] && rooted_path(root, path, "%s", paths[i]) && stat(path, &at) == 0 && at.st_mtime > newest)
            newest = at.st_mtime;
    }
    return newest;
}
