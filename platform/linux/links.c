#include "platform/linux/links.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/scan.h"

enum { PATH_BYTES = PLAT_INTERFACE_NAME_MAX + 40, ASK_SPEED_AFTER = 30, MEGABITS_MAX = 100 * 1000 * 1000 };

enum plat_link plat_operstate_parse(const char *text, size_t len)
{
    static const char *const down[] = { "down", "lowerlayerdown", "dormant", "notpresent", "testing" };
    struct scan              all = { text, len }, line;

    if (!scan_line(&all, &line))
        return PLAT_LINK_UNKNOWN;
    if (scan_is(line, "up"))
        return PLAT_LINK_UP;
    for (size_t i = 0; i < sizeof down / sizeof *down; i++)
        if (scan_is(line, down[i]))
            return PLAT_LINK_DOWN;
    return PLAT_LINK_UNKNOWN;
}

uint64_t plat_speed_parse(const char *text, size_t len)
{
    struct scan all = { text, len }, line;
    uint64_t    megabits;

    if (!scan_line(&all, &line) || !scan_u64(&line, &megabits) || line.len || megabits > MEGABITS_MAX)
        return 0;
    return megabits * 1000 * 1000 / 8;
}

static size_t read_entry(const char *name, const char *entry, char *into, size_t size)
{
    char    path[PATH_BYTES];
    ssize_t len;
    int     fd;

    snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, entry);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    len = read(fd, into, size);
    close(fd);
    return len > 0 ? (size_t)len : 0;
}

static void close_row(struct link_row *row)
{
    if (row->fd_1)
        close(row->fd_1 - 1);
    row->fd_1 = 0;
}

static struct link_row *find(struct links *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->rows[i].name, name) == 0)
            return &l->rows[i];
    if (l->count == LINKS_MAX || strlen(name) >= PLAT_INTERFACE_NAME_MAX || strchr(name, '/') || name[0] == '.')
        return NULL;
    l->rows[l->count] = (struct link_row){ .asked_ago = 0 };
    strcpy(l->rows[l->count].name, name);
    return &l->rows[l->count++];
}

/* The number of the folder its name leads to is the device's own, and never given again. So a name that was given to
 * another device is seen, which the counters alone would not tell. */
static bool identify(struct link_row *row)
{
    char        path[PATH_BYTES];
    struct stat st;

    snprintf(path, sizeof path, "/sys/class/net/%s", row->name);
    if (stat(path, &st) != 0)
        return false;
    if (row->fd_1 && row->identity == (uint64_t)st.st_ino)
        return true;
    close_row(row);
    snprintf(path, sizeof path, "/sys/class/net/%s/operstate", row->name);
    row->fd_1 = open(path, O_RDONLY | O_CLOEXEC) + 1;
    row->identity = (uint64_t)st.st_ino;
    row->link = PLAT_LINK_UNKNOWN;
    return row->fd_1 != 0;
}

static void ask(struct link_row *row)
{
    char           text[32];
    ssize_t        len = pread(row->fd_1 - 1, text, sizeof text, 0);
    enum plat_link link = len > 0 ? plat_operstate_parse(text, (size_t)len) : PLAT_LINK_UNKNOWN;

    if (link != PLAT_LINK_UP)
        row->speed_bytes_per_s = 0;
    else if (row->link != link || ++row->asked_ago >= ASK_SPEED_AFTER) {
        row->speed_bytes_per_s = plat_speed_parse(text, read_entry(row->name, "speed", text, sizeof text));
        row->asked_ago = 0;
    }
    row->link = link;
}

void links_look(struct links *l, struct plat_interface *nic)
{
    struct link_row *row = find(l, nic->name);

    if (!row)
        return;
    row->met = true;
    if (!identify(row))
        return;
    ask(row);
    nic->identity = row->identity;
    nic->link = row->link;
    nic->speed_bytes_per_s = row->speed_bytes_per_s;
}

void links_end(struct links *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->count; i++) {
        if (!l->rows[i].met) {
            close_row(&l->rows[i]);
            continue;
        }
        l->rows[kept] = l->rows[i];
        l->rows[kept++].met = false;
    }
    l->count = kept;
}

void links_done(struct links *l)
{
    for (size_t i = 0; i < l->count; i++)
        close_row(&l->rows[i]);
    l->count = 0;
}
