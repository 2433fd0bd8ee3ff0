#include "platform/proclist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/parse.h"
#include "platform/linux/scan.h"

static const char step[] = "listing processes";

/* The columns behind the name; proc_pid_stat(5) counts from 1 and the state is its third. */
enum { STATE, USER_TIME = 14 - 3, SYSTEM_TIME, STARTED = 22 - 3, RESIDENT = 24 - 3, COLUMNS };

/* "812 (a name) with any bytes) S 1 812 ...": the name ends at the last parenthesis. Some columns may be negative. */
bool plat_pidstat_parse(const char *text, size_t len, const struct plat_proc_units *units,
                        char name[PLAT_PROCESS_NAME_MAX], struct plat_process *ret)
{
    const char *open = memchr(text, '(', len), *close = open ? memrchr(text, ')', len) : NULL;
    struct scan rest, word, head = { text, open ? (size_t)(open - text) : 0 };
    uint64_t    column[COLUMNS] = { 0 }, id;
    bool        defunct = false;

    if (!close || close < open || !scan_u64(&head, &id))
        return false;
    rest = (struct scan){ close + 1, len - (size_t)(close + 1 - text) };
    for (int i = 0; i < COLUMNS; i++) {
        if (!scan_word(&rest, &word))
            return false;
        if (i == STATE)
            defunct = scan_is(word, "Z");
        else if ((i == USER_TIME || i == SYSTEM_TIME || i == STARTED || i == RESIDENT) &&
                 (!scan_u64(&word, &column[i]) || word.len || column[i] > UINT64_MAX / 2 / 1000 / 65536))
            return false;
    }
    if (!scan_copy((struct scan){ open + 1, (size_t)(close - open - 1) }, name, PLAT_PROCESS_NAME_MAX))
        return false;
    *ret = (struct plat_process){
        .id = id,
        .name = name,
        .began = column[STARTED],
        .cpu_ms = (column[USER_TIME] + column[SYSTEM_TIME]) * 1000 / units->ticks_per_s,
        .memory_bytes = column[RESIDENT] * units->page_bytes,
        .defunct = defunct,
    };
    return true;
}

/* False if it is gone, or says what is not understood. */
static bool look_at(int proc, const char *id, const struct plat_proc_units *units, char name[PLAT_PROCESS_NAME_MAX],
                    struct plat_process *ret)
{
    char    path[32], text[1024];
    ssize_t len;
    int     fd;

    snprintf(path, sizeof path, "%.20s/stat", id);
    fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, sizeof text);
    close(fd);
    return len > 0 && plat_pidstat_parse(text, (size_t)len, units, name, ret);
}

static struct err look_at_all(DIR *proc, plat_process_fn *each, void *context)
{
    const struct plat_proc_units units = { (uint64_t)sysconf(_SC_CLK_TCK), (uint64_t)sysconf(_SC_PAGESIZE) };
    char                         name[PLAT_PROCESS_NAME_MAX];
    struct plat_process          process;
    struct dirent               *entry;
    bool                         first_seen = false;

    for (errno = 0; (entry = readdir(proc)); errno = 0) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        if (strcmp(entry->d_name, "1") == 0)
            first_seen = true;
        if (look_at(dirfd(proc), entry->d_name, &units, name, &process))
            each(context, &process);
    }
    if (errno)
        return err_from_os(errno, step);
    return first_seen ? err_ok() : err_of(ERR_UNSUPPORTED, "processes are hidden from us");
}

struct err plat_proclist_read(plat_process_fn *each, void *context)
{
    DIR       *proc = opendir("/proc");
    struct err e;

    if (!proc)
        return err_from_os(errno, step);
    e = look_at_all(proc, each, context);
    closedir(proc);
    return e;
}
