#include "platform/failedunits.h"

#include <string.h>
#include <unistd.h>

#include "platform/linux/scan.h"

static const char step[] = "reading what systemctl says of failed units";

struct err plat_failed_units_command(const char *const **ret_args)
{
    static const char *const args[] = { "systemctl",   "list-units", "--state=failed", "--all", "--full",
                                        "--no-legend", "--no-pager", "--plain",        NULL };

    if (access("/run/systemd/system", F_OK) != 0)
        return err_of(ERR_UNSUPPORTED, "this system was not started by systemd");
    *ret_args = args;
    return err_ok();
}

/* Some versions put a dot or a cross before what failed, --plain or not. A unit's name has a dot and a kind behind it. */
static bool is_mark(struct scan word)
{
    return word.len <= 4 && !memchr(word.at, '.', word.len);
}

/* "ssh.service loaded failed failed OpenBSD Secure Shell server" */
static bool parse_line(struct scan line, char name[PLAT_UNIT_NAME_MAX], bool *ret_counts)
{
    struct scan unit, load, active;

    if (!scan_word(&line, &unit) || (is_mark(unit) && !scan_word(&line, &unit)))
        return false;
    if (!scan_word(&line, &load) || !scan_word(&line, &active) || !memchr(unit.at, '.', unit.len))
        return false;
    *ret_counts = scan_is(active, "failed") && !scan_is(load, "not-found") && !scan_is(load, "masked");
    return scan_copy(unit, name, PLAT_UNIT_NAME_MAX);
}

struct err plat_failed_units_parse(const char *text, size_t len, plat_failed_unit_fn *each, void *context)
{
    struct scan all = { text, len }, line, word;

    while (scan_line(&all, &line)) {
        struct scan begin = line;
        char        name[PLAT_UNIT_NAME_MAX];
        bool        counts;

        if (!scan_word(&begin, &word))
            continue;
        if (!parse_line(line, name, &counts))
            return err_of(ERR_MALFORMED, step);
        if (counts)
            each(context, name);
    }
    return err_ok();
}
