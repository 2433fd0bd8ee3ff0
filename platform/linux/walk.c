#include "platform/linux/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 16, PLACE = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static const char step[] = "looking for a file";

struct walking {
    struct walk *walk;
    char         rest[2 * PATH_MAX]; /* what is still to go */
    char        *at;
    struct stat  folder; /* of walk->dir */
    int          links;
};

static bool is_ours(uid_t owner)
{
    return owner == 0 || owner == geteuid();
}

bool walk_is_ours(const struct stat *at)
{
    return is_ours(at->st_uid) && !(at->st_mode & (S_IWGRP | S_IWOTH));
}

/* Only owners may take a name away here. */
static bool keeps_names(const struct stat *folder)
{
    return is_ours(folder->st_uid) && (folder->st_mode & S_ISVTX);
}

/* ---- from folder to folder ---- */

static struct err enter(struct walking *w, int dir)
{
    struct walk *ret = w->walk;

    if (dir < 0)
        return err_from_os(errno, step);
    if (ret->dir >= 0)
        close(ret->dir);
    ret->dir = dir;
    if (fstat(dir, &w->folder) != 0)
        return err_from_os(errno, step);
    if (ret->guarded && !walk_is_ours(&w->folder) && !keeps_names(&w->folder)) {
        ret->guarded = false;
        snprintf(ret->exposed, sizeof ret->exposed, "%s", ret->folder);
    }
    return err_ok();
}

static struct err enter_root(struct walking *w)
{
    strcpy(w->walk->folder, "/");
    return enter(w, open("/", PLACE));
}

static struct err enter_below(struct walking *w)
{
    struct walk *ret = w->walk;
    size_t       len = strlen(ret->folder);
    int          more = snprintf(ret->folder + len, sizeof ret->folder - len, "%s%s", len > 1 ? "/" : "", ret->name);

    if (more < 0 || (size_t)more >= sizeof ret->folder - len)
        return err_of(ERR_TOO_BIG, step);
    return enter(w, openat(ret->dir, ret->name, PLACE));
}

static struct err enter_above(struct walking *w)
{
    char *slash = strrchr(w->walk->folder, '/');

    slash[slash == w->walk->folder] = '\0';
    return enter(w, openat(w->walk->dir, "..", PLACE));
}

/* ---- one step ---- */

/* The next word of the path into name; false at its end. */
static bool next_name(struct walking *w, struct err *ret)
{
    size_t len;

    w->at += strspn(w->at, "/");
    len = strcspn(w->at, "/");
    if (len == 0)
        return false;
    if (len > NAME_MAX) {
        *ret = err_of(ERR_TOO_BIG, step);
        return false;
    }
    memcpy(w->walk->name, w->at, len);
    w->walk->name[len] = '\0';
    w->at += len;
    return true;
}

static bool may_follow(const struct walking *w)
{
    if (!w->walk->guarded)
        return false;
    return walk_is_ours(&w->folder) || (keeps_names(&w->folder) && is_ours(w->walk->at.st_uid));
}

static struct err follow(struct walking *w)
{
    char    target[PATH_MAX], rest[sizeof w->rest];
    ssize_t len;

    if (!may_follow(w))
        return err_of(ERR_DENIED, "following a link in a folder that others can write to");
    if (++w->links > LINKS_MAX)
        return err_from_os(ELOOP, step);
    len = readlinkat(w->walk->dir, w->walk->name, target, sizeof target - 1);
    if (len < 0)
        return err_from_os(errno, step);
    target[len] = '\0';
    if (snprintf(rest, sizeof rest, "%s/%s", target, w->at) >= (int)sizeof rest)
        return err_of(ERR_TOO_BIG, step);
    memcpy(w->rest, rest, strlen(rest) + 1);
    w->at = w->rest;
    return target[0] == '/' ? enter_root(w) : err_ok();
}

static struct err go(struct walking *w, bool *ret_there)
{
    struct walk *ret = w->walk;

    if (strcmp(ret->name, ".") == 0)
        return err_ok();
    if (strcmp(ret->name, "..") == 0)
        return enter_above(w);
    if (fstatat(ret->dir, ret->name, &ret->at, AT_SYMLINK_NOFOLLOW) != 0)
        return err_from_os(errno, step);
    if (S_ISLNK(ret->at.st_mode))
        return follow(w);
    if (w->at[strspn(w->at, "/")] == '\0') {
        *ret_there = true;
        return err_ok();
    }
    return enter_below(w);
}

struct err walk_to(const char *path, struct walk *ret)
{
    struct walking w = { .walk = ret };
    bool           there = false;
    struct err     e;

    ret->dir = -1;
    ret->guarded = true;
    ret->exposed[0] = '\0';
    if (path[0] != '/' || strlen(path) >= PATH_MAX)
        return err_of(ERR_MALFORMED, step);
    strcpy(w.rest, path);
    w.at = w.rest;
    e = enter_root(&w);
    while (!failed(e) && !there && next_name(&w, &e))
        e = go(&w, &there);
    if (!failed(e) && (!there || S_ISDIR(ret->at.st_mode)))
        e = err_of(ERR_MALFORMED, "looking for a file (it is a folder)");
    if (failed(e) && ret->dir >= 0) {
        close(ret->dir);
        ret->dir = -1;
    }
    return e;
}
