#include <string.h>

#include "platform/buf.h"
#include "platform/linux/package_parse.h"
#include "platform/linux/scan.h"

const struct package_format package_dpkg = { "dpkg", "Package:", "Version:", "Architecture:", "Status:" };
const struct package_format package_apk = { "apk", "P:", "V:", "A:", NULL };

struct paragraph {
    struct scan name, version, architecture, status;
    bool        begun;
};

static struct scan value_of(struct scan line, const char *key)
{
    size_t      skip = strlen(key);
    struct scan value = { line.at + skip, line.len - skip };

    while (value.len && (value.at[0] == ' ' || value.at[0] == '\t')) {
        value.at++;
        value.len--;
    }
    while (value.len && strchr(" \t\r", value.at[value.len - 1]))
        value.len--;
    return value;
}

static void take_line(const struct package_format *format, struct paragraph *p, struct scan line)
{
    const struct {
        const char  *key;
        struct scan *into;
    } wanted[] = { { format->name, &p->name },
                   { format->version, &p->version },
                   { format->architecture, &p->architecture },
                   { format->status, &p->status } };

    p->begun = true;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (wanted[i].key && scan_begins(line, wanted[i].key))
            *wanted[i].into = value_of(line, wanted[i].key);
}

/* "install ok installed": what left only its settings behind is not installed; a half-done one is. */
static bool is_installed(struct scan status)
{
    struct scan word = { "", 0 };

    for (int i = 0; i < 3; i++)
        if (!scan_word(&status, &word))
            return false;
    return !scan_is(word, "config-files") && !scan_is(word, "not-installed");
}

static bool end_paragraph(const struct package_format *format, const struct paragraph *p, plat_package_fn *each,
                          void *context)
{
    char                      name[PACKAGE_NAME_MAX], version[PACKAGE_VERSION_MAX];
    char                      architecture[PACKAGE_ARCHITECTURE_MAX] = "";
    const struct plat_package package = { format->manager, name, version, architecture };

    if (!p->begun || (format->status && p->status.len && !is_installed(p->status)))
        return true;
    if (!p->name.len || !p->version.len || (format->status && !p->status.len) ||
        !scan_copy(p->name, name, sizeof name) || !scan_copy(p->version, version, sizeof version))
        return false;
    if (p->architecture.len && !scan_copy(p->architecture, architecture, sizeof architecture))
        return false;
    each(context, &package);
    return true;
}

struct err plat_paragraphs_parse(const struct package_format *format, const char *text, size_t len,
                                 plat_package_fn *each, void *context)
{
    struct scan      all = { text, len }, line;
    struct paragraph p = { .begun = false };
    bool             sound = true;

    while (scan_line(&all, &line)) {
        if (line.len) {
            take_line(format, &p, line);
            continue;
        }
        sound = end_paragraph(format, &p, each, context) && sound;
        p = (struct paragraph){ .begun = false };
    }
    sound = end_paragraph(format, &p, each, context) && sound;
    return sound ? err_ok() : err_of(ERR_MALFORMED, "reading the list of packages");
}
