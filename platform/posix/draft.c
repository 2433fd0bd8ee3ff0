#include "platform/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct plat_draft {
    int   file;
    char *path, *draft_path;
};

static void draft_free(struct plat_draft *draft)
{
    if (draft->file >= 0)
        close(draft->file);
    free(draft->path);
    free(draft->draft_path);
    free(draft);
}

/* What a crash left is removed first and ours made anew, so that nobody else has it open or chose its mode. */
static int open_new(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

struct err plat_draft_open(const char *path, struct plat_draft **ret)
{
    struct plat_draft *draft = calloc(1, sizeof *draft);
    struct err         e = err_of(ERR_NO_MEMORY, "opening a draft");

    if (!draft)
        return e;
    draft->file = -1;
    draft->path = strdup(path);
    if (!draft->path || asprintf(&draft->draft_path, "%s.draft", path) < 0) {
        draft->draft_path = NULL; /* undefined after a failure */
        draft_free(draft);
        return e;
    }
    draft->file = open_new(draft->draft_path);
    if (draft->file < 0) {
        e = err_from_os(errno, "opening a draft");
        draft_free(draft);
        return e;
    }
    *ret = draft;
    return err_ok();
}

struct err plat_draft_write(struct plat_draft *draft, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = write(draft->file, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_from_os(errno, "writing a draft");
        at += n;
        len -= (size_t)n;
    }
    return err_ok();
}

/* Until its folder is on the disk too, a power cut may bring the old name back. */
static struct err flush_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char       *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int         fd;
    struct err  e = err_ok();

    if (!folder)
        return err_of(ERR_NO_MEMORY, "flushing a folder");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* a file system that cannot flush folders says EINVAL: then there is no more to be had */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        e = err_from_os(errno, "flushing a folder");
    if (fd >= 0)
        close(fd);
    free(folder);
    return e;
}

struct err plat_draft_publish(struct plat_draft **draft)
{
    struct plat_draft *d = *draft;
    struct err         e = err_ok();

    if (fsync(d->file) != 0 || rename(d->draft_path, d->path) != 0) {
        e = err_from_os(errno, "publishing a draft");
        plat_draft_discard(draft);
        return e;
    }
    *draft = NULL;
    e = flush_folder(d->path);
    draft_free(d);
    return e;
}

void plat_draft_discard(struct plat_draft **draft)
{
    if (!*draft)
        return;
    unlink((*draft)->draft_path);
    draft_free(*draft);
    *draft = NULL;
}
