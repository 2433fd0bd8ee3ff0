/* Counting what is in /proc costs the kernel an inode for each process. But the directory's number of links is, in
 * all kernels since 2.6, the number of its lasting subdirectories, plus two, plus that of all processes (see
 * proc_root_getattr in the kernel's fs/proc/root.c). So we count once, see whether both ways agree, and then ask for
 * the links alone. They do not agree in a container, where links tell of the whole machine: there we keep counting.
 * If even process 1 is not to be seen, hidepid hides the others from us, and a count would be wrong.
 * We also count again now and then, because a module may bring a new directory. */
#include "platform/processes.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LOOK_AGAIN_AFTER = 60, /* readings: an hour at the usual period */
    TRIES = 3,
    LINKS_OF_ITSELF = 2, /* "." and its name in "/" */
};

static const char step[] = "counting /proc";

static DIR     *proc;
static unsigned readings_left; /* by links alone */
static uint64_t other_links;

static bool is_process(const char *name)
{
    return name[0] >= '1' && name[0] <= '9';
}

static struct err count(uint64_t *ret_processes, uint64_t *ret_others)
{
    uint64_t       processes = 0, others = 0;
    bool           first_seen = false;
    struct dirent *entry;

    rewinddir(proc);
    errno = 0;
    while ((entry = readdir(proc))) {
        if (strcmp(entry->d_name, "1") == 0)
            first_seen = true;
        if (is_process(entry->d_name))
            processes++;
        else if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            others++;
    }
    if (errno)
        return err_from_os(errno, step);
    if (!first_seen)
        return err_of(ERR_UNSUPPORTED, "processes are hidden from us");
    *ret_processes = processes;
    *ret_others = others;
    return err_ok();
}

static struct err links(uint64_t *ret)
{
    struct stat st;

    if (fstat(dirfd(proc), &st) != 0)
        return err_from_os(errno, step);
    *ret = (uint64_t)st.st_nlink;
    return err_ok();
}

/* Processes may start or end between the two, so that both ways may differ at one try. */
static struct err compare(uint64_t *ret_count)
{
    uint64_t   processes = 0, others = 0, linked = 0;
    struct err e = err_ok();

    for (int i = 0; i < TRIES && !failed(e); i++) {
        e = count(&processes, &others);
        if (!failed(e))
            e = links(&linked);
        if (!failed(e) && linked == processes + others + LINKS_OF_ITSELF) {
            other_links = others + LINKS_OF_ITSELF;
            readings_left = LOOK_AGAIN_AFTER;
            break;
        }
    }
    if (!failed(e))
        *ret_count = processes;
    return e;
}

static struct err open_proc(void)
{
    if (proc)
        return err_ok();
    proc = opendir("/proc");
    return proc ? err_ok() : err_from_os(errno, step);
}

struct err plat_processes_read(uint64_t *ret_count)
{
    uint64_t   linked;
    struct err e = open_proc();

    if (failed(e))
        return e;
    if (readings_left == 0)
        return compare(ret_count);
    readings_left--;
    e = links(&linked);
    if (failed(e))
        return e;
    if (linked <= other_links) { /* a directory went away */
        readings_left = 0;
        return compare(ret_count);
    }
    *ret_count = linked - other_links;
    return e;
}

void plat_processes_done(void)
{
    if (proc)
        closedir(proc);
    proc = NULL;
    readings_left = 0;
}
