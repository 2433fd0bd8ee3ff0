#include "platform/network.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/links.h"
#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"
#include "platform/linux/verdicts.h"

/* The descriptor belongs to the network namespace it was opened in, which is the agent's own. */
static struct procfile file = {
    .path = "/proc/net/dev", .step = "reading /proc/net/dev", .max_bytes = 4 << 20, .rows = true
};

/* What stands behind an interface. The best kind that is there is what gets reported. */
enum kind { LOOPBACK, UNTOLD, LINKED, HARDWARE };

static struct verdicts hardware, linked; /* the second is asked only where no interface has hardware */
static struct links    links;

/* The columns behind the name. */
// clang-format off
enum { IN_BYTES, IN_PACKETS, IN_ERRORS, IN_DROPS, IN_FIFO, IN_FRAME, IN_COMPRESSED, IN_MULTICAST,
       OUT_BYTES, OUT_PACKETS, OUT_ERRORS, OUT_DROPS, OUT_FIFO, OUT_COLLISIONS, OUT_CARRIER, OUT_COMPRESSED, COLUMNS };
// clang-format on

struct reading {
    plat_interface_fn *each;
    void              *context;
    enum kind          best;
};

/* "  eth0: 1 2 3"; old kernels wrote no blank behind the colon. */
static bool parse_row(struct scan line, char name[PLAT_INTERFACE_NAME_MAX], struct plat_interface *ret)
{
    uint64_t    column[COLUMNS];
    struct scan before, word, more;

    if (!scan_until(&line, ':', &before) || !scan_word(&before, &word) || scan_word(&before, &more) ||
        !scan_copy(word, name, PLAT_INTERFACE_NAME_MAX) || !scan_u64s(&line, column, COLUMNS))
        return false;
    *ret = (struct plat_interface){
        .name = name,
        .received_bytes = column[IN_BYTES],
        .sent_bytes = column[OUT_BYTES],
        .receive_errors = column[IN_ERRORS],
        .send_errors = column[OUT_ERRORS],
        .receive_drops = column[IN_DROPS],
        .send_drops = column[OUT_DROPS],
    };
    return true;
}

struct err plat_netdev_parse(const char *text, size_t len, plat_interface_fn *each, void *context)
{
    struct scan           all = { text, len }, line;
    struct plat_interface nic;
    char                  name[PLAT_INTERFACE_NAME_MAX];

    for (int headings = 0; headings < 2; headings++)
        if (!scan_line(&all, &line) || !memchr(line.at, '|', line.len))
            return err_of(ERR_MALFORMED, file.step);
    while (scan_line(&all, &line)) {
        if (!parse_row(line, name, &nic))
            return err_of(ERR_MALFORMED, file.step);
        each(context, &nic);
    }
    return err_ok();
}

static bool sys_path(const char *name, const char *entry, char *into, size_t size)
{
    if (strchr(name, '/') || name[0] == '.')
        return false;
    snprintf(into, size, "/sys/class/net/%s/%s", name, entry);
    return true;
}

static int has_hardware(const char *name)
{
    char path[PLAT_INTERFACE_NAME_MAX + 40];

    return sys_path(name, "device", path, sizeof path) && access(path, F_OK) == 0;
}

static bool read_number(const char *name, const char *entry, uint64_t *ret)
{
    char        path[PLAT_INTERFACE_NAME_MAX + 40], text[24];
    struct scan all = { text, 0 }, line;
    ssize_t     len;
    int         fd;

    if (!sys_path(name, entry, path, sizeof path))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, sizeof text);
    close(fd);
    all.len = len > 0 ? (size_t)len : 0;
    return scan_line(&all, &line) && scan_u64(&line, ret);
}

/* Its other end has another index, here or in another namespace. */
static int is_linked(const char *name)
{
    uint64_t own, other;

    return read_number(name, "ifindex", &own) && read_number(name, "iflink", &other) && other != 0 && own != other;
}

static enum kind kind_of(const char *name, bool ask_links)
{
    if (strcmp(name, "lo") == 0)
        return LOOPBACK;
    if (verdicts_get(&hardware, name, has_hardware))
        return HARDWARE;
    return ask_links && verdicts_get(&linked, name, is_linked) ? LINKED : UNTOLD;
}

static void look_for_hardware(void *context, const struct plat_interface *nic)
{
    struct reading *r = context;
    enum kind       kind = kind_of(nic->name, false);

    if (kind > r->best)
        r->best = kind;
}

static void look_for_links(void *context, const struct plat_interface *nic)
{
    struct reading *r = context;
    enum kind       kind = kind_of(nic->name, true);

    if (kind > r->best)
        r->best = kind;
}

static void give_best(void *context, const struct plat_interface *nic)
{
    struct reading       *r = context;
    struct plat_interface whole = *nic;
    enum kind             kind = kind_of(nic->name, r->best == LINKED);

    if (kind != r->best || kind == LOOPBACK)
        return;
    links_look(&links, &whole);
    r->each(r->context, &whole);
}

struct err plat_network_read(plat_interface_fn *each, void *context)
{
    struct reading r = { each, context, LOOPBACK };
    const char    *text;
    size_t         len;
    struct err     e = procfile_read(&file, &text, &len);

    if (failed(e))
        return e;
    e = plat_netdev_parse(text, len, look_for_hardware, &r);
    if (!failed(e) && r.best == UNTOLD)
        e = plat_netdev_parse(text, len, look_for_links, &r);
    if (!failed(e))
        e = plat_netdev_parse(text, len, give_best, &r);
    verdicts_end(&hardware);
    verdicts_end(&linked);
    links_end(&links);
    return e;
}

void plat_network_done(void)
{
    procfile_close(&file);
    verdicts_done(&hardware);
    verdicts_done(&linked);
    links_done(&links);
}
