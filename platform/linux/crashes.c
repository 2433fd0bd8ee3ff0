#include "platform/crashes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/contained.h"
#include "platform/linux/login_parse.h"
#include "platform/linux/rooted.h"

/* FOLDERS_MAX and DEPTH_MAX bound what is looked at: others than the kernel may put things there. */
enum { DEPTH_MAX = 3, FOLDERS_MAX = 256 };

/* Where each system puts what a kernel left, and how those files' names begin. */
static const struct place {
    const char *folder, *begins[4];
} places[] = {
    { "/sys/fs/pstore", { "dmesg" } },
    { "/var/lib/systemd/pstore", { "dmesg" } },                      /* systemd moves them there at the next start */
    { "/var/crash", { "vmcore", "dump.", "dmesg", "linux-image" } }, /* kdump; apport's of programs are others */
};

struct looking {
    const char         *root;
    const struct place *place;
    plat_crash_fn      *each;
    void               *context;
    char                folder[ROOTED_PATH_BYTES];
    int                 depth, left;
};

/* An oops that the system survived is no crash; if it did not, a record of the panic stands beside it. */
static bool is_survived(const char *root, const char *path)
{
    char head[8];

    return rooted_head(root, path, head, sizeof head) && strncmp(head, "Oops#", 5) == 0;
}

static bool is_record(const struct looking *l, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(l->place->begins) && l->place->begins[i]; i++)
        if (strncmp(name, l->place->begins[i], strlen(l->place->begins[i])) == 0)
            return true;
    return false;
}

static void look_at(void *context, const char *name)
{
    struct looking *l = context;
    char            path[ROOTED_PATH_BYTES], whole[ROOTED_PATH_BYTES];
    size_t          len = strlen(l->folder);
    struct stat     at;

    if (len + 1 + strlen(name) >= sizeof path)
        return;
    memcpy(path, l->folder, len);
    path[len] = '/';
    memcpy(path + len + 1, name, strlen(name) + 1);
    if (!rooted_path(l->root, whole, "%s", path) || lstat(whole, &at) != 0)
        return;
    if (S_ISREG(at.st_mode) && is_record(l, name) && !is_survived(l->root, path))
        l->each(l->context, (int64_t)at.st_mtime * 1000);
    if (!S_ISDIR(at.st_mode) || l->depth == DEPTH_MAX || l->left-- <= 0)
        return;
    memcpy(l->folder, path, sizeof path);
    l->depth++;
    (void)rooted_each(l->root, path, look_at, l);
    l->depth--;
    l->folder[len] = '\0';
}

struct err plat_crashes_each(const char *root, plat_crash_fn *each, void *context)
{
    if (!root[0] && plat_is_contained())
        return err_of(ERR_UNSUPPORTED, "the kernel of a container is its host's");
    if (!root[0] && plat_is_wsl())
        return err_of(ERR_UNSUPPORTED, "Windows ends Linux without telling it");
    if (!root[0] && geteuid() != 0)
        return err_of(ERR_UNSUPPORTED, "looking for records of crashes takes root");
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct looking l = { root, &places[i], each, context, .left = FOLDERS_MAX };

        snprintf(l.folder, sizeof l.folder, "%s", places[i].folder);
        (void)rooted_each(root, places[i].folder, look_at, &l); /* most machines have none of them */
    }
    return err_ok();
}

/* ---- boots and shutdowns ---- */

/* The end of the file; of this many bytes, so that it begins with a record whichever size they have. */
enum { TAIL_BYTES = 384 * 400 / 16 * 7 };

enum plat_ending plat_ending_read(const char *root, int64_t booted_ms)
{
    static const enum plat_ending endings[] = {
        [LOGIN_END_UNKNOWN] = ENDING_UNKNOWN, [LOGIN_END_CLEAN] = ENDING_CLEAN, [LOGIN_END_UNCLEAN] = ENDING_UNCLEAN
    };
    enum login_end end = LOGIN_END_UNKNOWN;
    char          *bytes = malloc(TAIL_BYTES);
    off_t          size;
    ssize_t        len;
    int            fd;

    if (bytes && !failed(rooted_open(root, "/var/log/wtmp", "reading wtmp", &fd))) {
        size = lseek(fd, 0, SEEK_END);
        len = pread(fd, bytes, TAIL_BYTES, size > TAIL_BYTES ? size - TAIL_BYTES : 0);
        if (len > 0)
            end = login_end_before(bytes, (size_t)len, booted_ms / 1000);
        close(fd);
    }
    free(bytes);
    return endings[end];
}
