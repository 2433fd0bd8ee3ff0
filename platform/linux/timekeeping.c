#include "platform/timekeeping.h"

#include <errno.h>
#include <math.h>
#include <sys/timex.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/contained.h"

/* Without anybody who tells it better, the kernel lets the greatest error grow to this and stops there. */
enum { PHASE_LIMIT_US = 16000000 };

static const char step[] = "asking the kernel for the clock's state";

/* Each keeps one of these while it runs. */
static bool is_kept(void)
{
    static const char *const signs[] = {
        "/run/systemd/timesync", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid",
        "/run/ntp.pid",          "/run/openntpd.pid",       "/run/ntpd.sock",
    };

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (access(signs[i], F_OK) == 0)
            return true;
    return false;
}

/* chrony without rtcsync never takes STA_UNSYNC away, so that the kernel leaves the hardware's clock alone, but does
 * tell the errors. */
static bool is_synchronised(int state, const struct timex *t)
{
    return (state != TIME_ERROR && !(t->status & STA_UNSYNC)) || t->maxerror < PHASE_LIMIT_US;
}

struct err plat_timekeeping_read(struct plat_timekeeping *ret)
{
    struct timex t = { .modes = 0 };
    int          state;

    if (plat_is_contained())
        return err_of(ERR_UNSUPPORTED, "the clock of a container is its host's");
    state = adjtimex(&t);
    if (state < 0)
        return errno == EPERM || errno == ENOSYS ? err_of(ERR_UNSUPPORTED, step) : err_from_os(errno, step);
    *ret = (struct plat_timekeeping){
        .synchronised = is_synchronised(state, &t),
        .kept = is_kept(),
        .offset_s = fabs((double)t.offset) / (t.status & STA_NANO ? 1e9 : 1e6),
        .maximum_error_s = (double)t.maxerror / 1e6,
        .estimated_error_s = (double)t.esterror / 1e6,
    };
    return err_ok();
}
