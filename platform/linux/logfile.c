#include "platform/logfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "platform/linux/walk.h"

enum { ENTRIES_MAX = 10000, OPEN = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static const char step[] = "looking at a log";

static void describe(const struct stat *st, struct plat_logfile_at *ret)
{
    *ret = (struct plat_logfile_at){ st->st_dev, st->st_ino, (uint64_t)st->st_size,
                                     (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec };
}

struct err plat_logfile_look(const char *path, struct plat_logfile_at *ret)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return err_from_os(errno, step);
    describe(&st, ret);
    return err_ok();
}

struct err plat_logfile_look_at(int file, struct plat_logfile_at *ret)
{
    struct stat st;

    if (fstat(file, &st) != 0)
        return err_from_os(errno, step);
    describe(&st, ret);
    return err_ok();
}

static struct err open_in(const struct walk *walk, const char *name, int *ret, struct plat_logfile_at *ret_at)
{
    struct stat st;
    struct err  e = err_ok();
    int         file = openat(walk->dir, name, OPEN);

    if (file < 0)
        return errno == ENXIO ? err_of(ERR_MALFORMED, "it is no plain file") : err_from_os(errno, "opening a log");
    if (fstat(file, &st) != 0)
        e = err_from_os(errno, step);
    else if (!S_ISREG(st.st_mode))
        e = err_of(ERR_MALFORMED, "it is no plain file");
    else if (st.st_nlink > 1 && !walk->guarded)
        e = err_of(ERR_EXPOSED, "it has a second name (a hard link), in a folder that others can write to");
    if (failed(e)) {
        close(file);
        return e;
    }
    describe(&st, ret_at);
    *ret = file;
    return e;
}

/* What is no plain file is not even opened; what takes its place just then is not read. */
struct err plat_logfile_open(const char *path, int *ret, struct plat_logfile_at *ret_at)
{
    struct walk walk;
    struct err  e = walk_to(path, &walk);

    if (failed(e))
        return e;
    e = S_ISREG(walk.at.st_mode) ? open_in(&walk, walk.name, ret, ret_at)
                                 : err_of(ERR_MALFORMED, "it is no plain file");
    close(walk.dir);
    return e;
}

/* ---- by number ---- */

static struct err find_in(const struct walk *walk, uint64_t inode, int *ret, struct plat_logfile_at *ret_at)
{
    int                  folder = openat(walk->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR                 *dir = folder >= 0 ? fdopendir(folder) : NULL;
    const struct dirent *entry;
    struct err           e = err_of(ERR_NOT_FOUND, "looking for what became of a log");

    if (!dir) {
        e = err_from_os(errno, step);
        if (folder >= 0)
            close(folder);
        return e;
    }
    for (int left = ENTRIES_MAX; failed(e) && left > 0 && (entry = readdir(dir)); left--) {
        if (entry->d_ino != inode || failed(open_in(walk, entry->d_name, ret, ret_at)))
            continue;
        if (ret_at->inode == inode)
            e = err_ok();
        else
            plat_logfile_close(ret);
    }
    closedir(dir);
    return e;
}

struct err plat_logfile_find(const char *path, uint64_t inode, int *ret, struct plat_logfile_at *ret_at)
{
    struct walk            walk;
    struct plat_logfile_at at;
    int                    file = -1;
    struct err             e = walk_to(path, &walk);

    if (failed(e))
        return e;
    e = find_in(&walk, inode, &file, &at);
    close(walk.dir);
    if (failed(e))
        return e;
    *ret = file;
    *ret_at = at;
    return e;
}

/* ---- bytes ---- */

struct err plat_logfile_read(int file, uint64_t offset, void *into, size_t size, size_t *ret)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = pread(file, (char *)into + done, size - done, (off_t)(offset + done));

        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return err_from_os(errno, "reading a log");
    }
    *ret = done;
    return err_ok();
}

void plat_logfile_close(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}
