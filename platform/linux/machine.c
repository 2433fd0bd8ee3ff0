#include "platform/machine.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

enum { FILE_MAX_BYTES = 64 << 10, ID_DIGITS = 32 };

/* For people to read: one line, whatever was in it. */
static void make_plain(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

/* Takes off what a shell would: one pair of quotes, and backslashes (not inside single quotes). */
static void unquote(struct scan value, char *into, size_t size)
{
    char   quote = value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') ? value.at[0] : '\0';
    size_t out = 0, from = 0, to = value.len;

    if (quote && value.at[to - 1] == quote) {
        from++;
        to--;
    }
    for (size_t i = from; i < to; i++) {
        if (value.at[i] == '\\' && quote != '\'' && i + 1 < to)
            i++;
        if (out + 1 == size || value.at[i] == '\0') {
            out = 0;
            break;
        }
        into[out++] = value.at[i];
    }
    into[out] = '\0';
    make_plain(into);
}

void plat_os_release_parse(const char *text, size_t len, const char *key, char *into, size_t size)
{
    struct scan all = { text, len }, line, name;

    into[0] = '\0';
    while (scan_line(&all, &line)) {
        if (!scan_until(&line, '=', &name) || !scan_is(name, key))
            continue;
        while (line.len && isspace((unsigned char)line.at[line.len - 1]))
            line.len--;
        unquote(line, into, size);
    }
}

static void read_os_release(struct plat_machine *m)
{
    static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
    const char              *text;
    size_t                   len;

    for (size_t i = 0; i < 2 && m->os_name[0] == '\0'; i++) {
        struct procfile file = {
            .path = paths[i], .step = "reading os-release", .max_bytes = FILE_MAX_BYTES, .rows = true
        };

        if (!failed(procfile_read(&file, &text, &len))) {
            plat_os_release_parse(text, len, "PRETTY_NAME", m->os_name, sizeof m->os_name);
            plat_os_release_parse(text, len, "ID", m->os_id, sizeof m->os_id);
            plat_os_release_parse(text, len, "VERSION_ID", m->os_version, sizeof m->os_version);
        }
        procfile_close(&file);
    }
}

static void read_id(struct plat_machine *m)
{
    struct procfile file = {
        .path = "/etc/machine-id", .step = "reading the machine's id", .max_bytes = 4096, .rows = true
    };
    const char *text;
    size_t      len = 0;

    if (!failed(procfile_read(&file, &text, &len)) && len >= ID_DIGITS &&
        strspn(text, "0123456789abcdef") == ID_DIGITS) /* not so while it is "uninitialized" */
        memcpy(m->id, text, ID_DIGITS);
    procfile_close(&file);
}

struct err plat_machine_read(struct plat_machine *ret)
{
    struct plat_machine m = { 0 };
    struct utsname      names;
    long                cpus = sysconf(_SC_NPROCESSORS_ONLN);

    if (uname(&names) != 0)
        return err_from_os(errno, "asking for the kernel's name");
    snprintf(m.host_name, sizeof m.host_name, "%.*s", (int)sizeof names.nodename, names.nodename);
    snprintf(m.kernel, sizeof m.kernel, "%.*s %.*s", 40, names.sysname, 80, names.release);
    snprintf(m.architecture, sizeof m.architecture, "%.*s", (int)sizeof m.architecture - 1, names.machine);
    make_plain(m.host_name);
    make_plain(m.kernel);
    m.cpus = cpus > 0 ? (uint32_t)cpus : 0;
    read_os_release(&m);
    read_id(&m);
    *ret = m;
    return err_ok();
}
