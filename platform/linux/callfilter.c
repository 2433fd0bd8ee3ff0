#include "platform/linux/callfilter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/buf.h"

#if defined(__x86_64__)
enum { ARCHITECTURE_KNOWN = 1 };
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
enum { ARCHITECTURE_KNOWN = 1 };
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
enum { ARCHITECTURE_KNOWN = 0 };
#define ARCHITECTURE 0u
#endif

enum rule {
    ALLOW,
    ABSENT,      /* ENOSYS: libraries then take the older call */
    DEADLY,      /* ends the process: nothing of ours does it */
    READ_ONLY_1, /* argument 1 opens for reading */
    READ_ONLY_2, /* argument 2 does */
    NO_CODE,     /* argument 2 makes no memory executable */
    THREAD,      /* argument 0 makes a thread, not a process */
    INTERNET,    /* TCP, UDP, and asking the kernel for its addresses */
    PAIR,        /* a pair of our own */
    HARMLESS_IOCTL,
    NAME,      /* argument 0 sets the thread's name */
    OURSELVES, /* argument 0 is our process */
    ASK_LIMIT  /* argument 2 is NULL */
};

/* What musl, glibc, libuv, libcurl, mbedTLS and OpenSSL need after start-up, found by strace of the tests and by
 * reading the libraries. Where a processor lacks a call, its newer form is in the table as well. */
static const struct {
    int       number;
    enum rule rule;
} table[] = {
    // clang-format off
    /* the most frequent first: the list is searched in order */
    { SYS_read, ALLOW }, { SYS_write, ALLOW }, { SYS_epoll_pwait, ALLOW }, { SYS_futex, ALLOW },
    { SYS_sendto, ALLOW }, { SYS_recvfrom, ALLOW }, { SYS_readv, ALLOW }, { SYS_writev, ALLOW },
    { SYS_clock_gettime, ALLOW }, { SYS_epoll_ctl, ALLOW }, { SYS_close, ALLOW },

    /* files */
    { SYS_openat, READ_ONLY_2 }, { SYS_openat2, ABSENT }, { SYS_fstat, ALLOW },
    { SYS_newfstatat, ALLOW }, { SYS_statx, ALLOW }, { SYS_faccessat, ALLOW },
    { SYS_faccessat2, ALLOW }, { SYS_readlinkat, ALLOW }, { SYS_getdents64, ALLOW },
    { SYS_lseek, ALLOW }, { SYS_pread64, ALLOW }, { SYS_fcntl, ALLOW }, { SYS_dup, ALLOW },
    { SYS_dup3, ALLOW }, { SYS_pipe2, ALLOW }, { SYS_eventfd2, ALLOW },
    { SYS_ioctl, HARMLESS_IOCTL },

    /* memory */
    { SYS_mmap, NO_CODE }, { SYS_mprotect, NO_CODE }, { SYS_munmap, ALLOW }, { SYS_mremap, ALLOW },
    { SYS_madvise, ALLOW }, { SYS_brk, ALLOW },

    /* waiting and time */
    { SYS_epoll_create1, ALLOW }, { SYS_ppoll, ALLOW }, { SYS_pselect6, ALLOW },
    { SYS_clock_getres, ALLOW }, { SYS_clock_nanosleep, ALLOW }, { SYS_nanosleep, ALLOW },
    { SYS_gettimeofday, ALLOW }, { SYS_restart_syscall, ALLOW }, { SYS_sched_yield, ALLOW },

    /* the network; no listen, no accept */
    { SYS_socket, INTERNET }, { SYS_socketpair, PAIR }, { SYS_connect, ALLOW }, { SYS_bind, ALLOW },
    { SYS_getsockname, ALLOW }, { SYS_getpeername, ALLOW }, { SYS_getsockopt, ALLOW },
    { SYS_setsockopt, ALLOW }, { SYS_sendmsg, ALLOW }, { SYS_recvmsg, ALLOW },
    { SYS_sendmmsg, ALLOW }, { SYS_recvmmsg, ALLOW }, { SYS_shutdown, ALLOW },

    /* threads and ourselves */
    { SYS_clone, THREAD }, { SYS_clone3, ABSENT }, { SYS_set_robust_list, ALLOW },
    { SYS_set_tid_address, ALLOW }, { SYS_rseq, ALLOW }, { SYS_membarrier, ALLOW },
    { SYS_sched_getaffinity, ALLOW }, { SYS_getcpu, ALLOW }, { SYS_exit, ALLOW }, { SYS_exit_group, ALLOW },
    { SYS_rt_sigaction, ALLOW }, { SYS_rt_sigprocmask, ALLOW }, { SYS_rt_sigreturn, ALLOW },
    { SYS_sigaltstack, ALLOW }, { SYS_tgkill, OURSELVES }, { SYS_tkill, OURSELVES },
    { SYS_prctl, NAME }, { SYS_prlimit64, ASK_LIMIT },
    { SYS_getpid, ALLOW }, { SYS_gettid, ALLOW }, { SYS_getppid, ALLOW }, { SYS_getuid, ALLOW },
    { SYS_geteuid, ALLOW }, { SYS_getgid, ALLOW }, { SYS_getegid, ALLOW }, { SYS_uname, ALLOW },
    { SYS_sysinfo, ALLOW }, { SYS_getrandom, ALLOW },

    /* refused in a way of their own */
    { SYS_io_uring_setup, ABSENT }, { SYS_execve, DEADLY }, { SYS_execveat, DEADLY },
    { SYS_ptrace, DEADLY }, { SYS_process_vm_readv, DEADLY }, { SYS_process_vm_writev, DEADLY },

    /* older forms that newer processors never had */
#ifdef SYS_open
    { SYS_open, READ_ONLY_1 }, { SYS_stat, ALLOW }, { SYS_lstat, ALLOW }, { SYS_access, ALLOW },
    { SYS_readlink, ALLOW }, { SYS_dup2, ALLOW }, { SYS_pipe, ALLOW }, { SYS_poll, ALLOW },
    { SYS_select, ALLOW }, { SYS_epoll_wait, ALLOW }, { SYS_time, ALLOW }, { SYS_getrlimit, ALLOW },
#endif
#ifdef SYS_epoll_pwait2
    { SYS_epoll_pwait2, ALLOW },
#endif
    // clang-format on
};

/* ---- writing the program ---- */

enum { PROGRAM_MAX = 512 };

struct program {
    struct sock_filter code[PROGRAM_MAX];
    unsigned short     len;
};

static void put(struct program *p, uint16_t code, uint32_t value, uint8_t yes, uint8_t no)
{
    if (p->len < PROGRAM_MAX)
        p->code[p->len++] = (struct sock_filter){ code, yes, no, value };
}

static void give_back(struct program *p, uint32_t action)
{
    put(p, BPF_RET | BPF_K, action, 0, 0);
}

static void fail_with(struct program *p, int why)
{
    give_back(p, SECCOMP_RET_ERRNO | (uint32_t)why);
}

/* The lower half of an argument; both processors put it first. The kernel looks at no more of an int. */
static void load_argument(struct program *p, unsigned i)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + i * sizeof(uint64_t)), 0, 0);
}

static void allow_if_equal(struct program *p, uint32_t value)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    give_back(p, SECCOMP_RET_ALLOW);
}

/* Allowed if none of the bits is set. */
static void put_clear(struct program *p, unsigned argument, uint32_t bits)
{
    load_argument(p, argument);
    put(p, BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0);
    give_back(p, SECCOMP_RET_ALLOW);
    fail_with(p, EPERM);
}

static void put_thread(struct program *p)
{
    load_argument(p, 0);
    put(p, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
    give_back(p, SECCOMP_RET_ALLOW);
    fail_with(p, EPERM);
}

static void put_one_of(struct program *p, unsigned argument, const uint32_t *values, size_t count, int why)
{
    load_argument(p, argument);
    for (size_t i = 0; i < count; i++)
        allow_if_equal(p, values[i]);
    fail_with(p, why);
}

/* Local sockets lead to other programs, so not those; musl reads on where EAFNOSUPPORT says that there is no nscd. */
static void put_internet(struct program *p)
{
    static const uint32_t families[] = { AF_INET, AF_INET6 };
    enum { ROUTE = 0, BLOCK = 4 };

    load_argument(p, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, BLOCK);
    load_argument(p, 2);
    allow_if_equal(p, ROUTE);
    fail_with(p, EPERM);
    put_one_of(p, 0, families, ARRAY_LEN(families), EAFNOSUPPORT);
}

static void put_null(struct program *p, unsigned argument)
{
    enum { REFUSE = 3 }; /* steps from the first test to the refusal */

    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + 4),
        0, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, REFUSE);
    load_argument(p, argument);
    allow_if_equal(p, 0);
    fail_with(p, EPERM);
}

/* What follows a match; every path through it gives back an action. */
static void put_rule(struct program *p, enum rule rule)
{
    static const uint32_t ioctls[] = { FIONBIO, FIOCLEX, FIONREAD, TCGETS, TIOCGWINSZ };
    static const uint32_t names[] = { PR_SET_NAME }, pairs[] = { AF_UNIX };
    const uint32_t        ourselves[] = { (uint32_t)getpid() };
    const uint32_t        writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;

    switch (rule) {
    case ALLOW:
        give_back(p, SECCOMP_RET_ALLOW);
        break;
    case ABSENT:
        fail_with(p, ENOSYS);
        break;
    case DEADLY:
        give_back(p, SECCOMP_RET_KILL_PROCESS);
        break;
    case READ_ONLY_1:
        put_clear(p, 1, writing);
        break;
    case READ_ONLY_2:
        put_clear(p, 2, writing);
        break;
    case NO_CODE:
        put_clear(p, 2, PROT_EXEC);
        break;
    case THREAD:
        put_thread(p);
        break;
    case INTERNET:
        put_internet(p);
        break;
    case PAIR:
        put_one_of(p, 0, pairs, ARRAY_LEN(pairs), EPERM);
        break;
    case HARMLESS_IOCTL:
        put_one_of(p, 1, ioctls, ARRAY_LEN(ioctls), ENOTTY);
        break;
    case NAME:
        put_one_of(p, 0, names, ARRAY_LEN(names), EPERM);
        break;
    case OURSELVES:
        put_one_of(p, 0, ourselves, ARRAY_LEN(ourselves), EPERM);
        break;
    case ASK_LIMIT:
        put_null(p, 2);
        break;
    }
}

static void write_program(struct program *p)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    give_back(p, SECCOMP_RET_KILL_PROCESS); /* the calls of another processor have other numbers */
    put(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        unsigned short jump = p->len;

        put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)table[i].number, 0, 0);
        put_rule(p, table[i].rule);
        p->code[jump].jf = (uint8_t)(p->len - jump - 1);
    }
    fail_with(p, EPERM); /* also the x32 forms: they have a bit that no number here has */
}

struct err callfilter_install(void)
{
    static struct program p;
    struct sock_fprog     program;

    if (!ARCHITECTURE_KNOWN)
        return err_of(ERR_UNSUPPORTED, "filtering system calls on this processor");
    p.len = 0;
    write_program(&p);
    if (p.len == PROGRAM_MAX)
        return err_of(ERR_TOO_BIG, "filtering system calls");
    program = (struct sock_fprog){ p.len, p.code };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0)
        return err_ok();
    if (errno == ENOSYS || errno == EINVAL) /* built without, or an emulator */
        return err_of(ERR_UNSUPPORTED, "filtering system calls");
    return err_from_os(errno, "filtering system calls");
}
