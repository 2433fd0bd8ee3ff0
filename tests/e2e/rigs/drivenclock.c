/* drivenclock.c - a clock that a test drives, for programs that are preloaded with it (see drivenclock.py).
 *
 * Time comes from a small shared file: steady time is base + (real - since) * rate, wall time is steady time plus
 * an offset. Waits are cut into slices, so that a step is noticed by a program that sleeps.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_MS = 10 };

struct drive {
    _Atomic uint64_t turn; /* odd while it is written */
    int64_t          since_ns, base_ns, wall_offset_ns;
    double           rate;
};

static const struct drive *drive;

__attribute__((constructor)) static void open_drive(void)
{
    int   fd = open(DRIVE_FILE, O_RDONLY | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *drive, PROT_READ, MAP_SHARED, fd, 0);

    if (at == MAP_FAILED)
        _exit(99); /* a test that believes in its clock must not run without it */
    drive = at;
    close(fd);
}

static int64_t real_ns(clockid_t clock)
{
    struct timespec t;

    syscall(SYS_clock_gettime, clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t driven_ns(int is_wall, double *rate)
{
    for (;;) {
        uint64_t turn = atomic_load(&drive->turn);
        int64_t  ns = drive->base_ns +
                     (int64_t)((double)(real_ns(CLOCK_MONOTONIC) - drive->since_ns) * drive->rate) +
                     (is_wall ? drive->wall_offset_ns : 0);

        *rate = drive->rate;
        if (!(turn & 1) && turn == atomic_load(&drive->turn))
            return ns;
    }
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    double  rate;
    int64_t ns;

    if (!drive || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    ns = driven_ns(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE, &rate);
    *ret = (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec t;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    *ret = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    if (ret)
        *ret = t.tv_sec;
    return t.tv_sec;
}

int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout_ms, const sigset_t *mask)
{
    double  rate;
    int64_t end = driven_ns(0, &rate) + (int64_t)timeout_ms * 1000000;

    for (;;) {
        double left_ms = timeout_ms < 0 ? SLICE_MS : (double)(end - driven_ns(0, &rate)) / 1e6;
        int    slice, got;

        if (left_ms <= 0)
            slice = 0;
        else
            slice = timeout_ms < 0 || left_ms > rate * SLICE_MS ? SLICE_MS : (int)(left_ms / rate) + 1;
        got = (int)syscall(SYS_epoll_pwait, fd, events, count, timeout_ms < 0 ? -1 : slice, mask, 8);
        if (got != 0 || left_ms <= 0)
            return got;
    }
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
    return epoll_pwait(fd, events, count, timeout_ms, NULL);
}
