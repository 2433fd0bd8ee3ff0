#include "platform/executable.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/linux/walk.h"

static const char step[] = "looking at a program";

static void say(char *remedy, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(char *remedy, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(remedy, EXECUTABLE_REMEDY_MAX, format, args);
    va_end(args);
}

/* What stands at the end of the walk. */
static struct err check_file(const char *path, const struct stat *at, char *remedy)
{
    if (!S_ISREG(at->st_mode)) {
        say(remedy, "%s is no file: name the program itself", path);
        return err_of(ERR_MALFORMED, step);
    }
    if (walk_is_ours(at))
        return err_ok();
    say(remedy, "others can change %s: chown root %s; chmod go-w %s", path, path, path);
    return err_of(ERR_EXPOSED, step);
}

static struct err check_all(const char *path, char *remedy, struct stat *ret)
{
    struct walk walk;
    struct err  e = walk_to(path, &walk);

    remedy[0] = '\0';
    if (!failed(e))
        close(walk.dir);
    if (!walk.guarded) {
        say(remedy, "others can change what is in %s: chown root %s; chmod go-w %s", walk.exposed, walk.exposed, walk.exposed);
        return err_of(ERR_EXPOSED, step);
    }
    if (e.code == ERR_NOT_FOUND)
        say(remedy, "there is no %s: install what it belongs to, or correct the path", path);
    else if (e.code == ERR_MALFORMED)
        say(remedy, "%s is a folder: name the program itself", path);
    if (failed(e))
        return e;
    *ret = walk.at;
    return check_file(path, ret, remedy);
}

struct err plat_script_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX])
{
    struct stat at;

    return check_all(path, remedy, &at);
}

struct err plat_executable_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX])
{
    struct stat at;
    struct err  e = check_all(path, remedy, &at);

    if (failed(e) || (at.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
        return e;
    say(remedy, "%s cannot be executed: chmod +x %s", path, path);
    return err_of(ERR_DENIED, step);
}
