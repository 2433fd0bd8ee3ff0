/* What the filter of system calls says of each, worked out as the kernel would: so it can be tried for any processor, also
 * where an emulator has no filters. test_confine has the kernel say it. */
#include "check.h"

#include <signal.h>

#include "platform/linux/callfilter.c"

enum { PASS = 0, KILLED = -1 }; /* else the error number */

static uint32_t word_at(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word;

    assert_true(offset <= sizeof *data - sizeof word && offset % sizeof word == 0);
    memcpy(&word, (const char *)data + offset, sizeof word);
    return word;
}

/* The instructions that write_program uses; any other fails the test. */
static uint32_t judge(const struct program *p, const struct seccomp_data *data)
{
    uint32_t loaded = 0;

    for (size_t at = 0; at < p->len; at++) {
        const struct sock_filter *step = &p->code[at];

        switch (step->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            loaded = word_at(data, step->k);
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += loaded == step->k ? step->jt : step->jf;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            at += loaded & step->k ? step->jt : step->jf;
            break;
        case BPF_RET | BPF_K:
            return step->k;
        default:
            fail_msg("instruction %zu is unknown", at);
        }
    }
    fail_msg("the program ran past its end");
    return 0;
}

static int said(uint32_t architecture, int number, const uint64_t args[6])
{
    static struct program p;
    struct seccomp_data   data = { .nr = number, .arch = architecture };
    uint32_t              action;

    p.len = 0;
    write_program(&p);
    assert_true(p.len < PROGRAM_MAX);
    memcpy(data.args, args, sizeof data.args);
    action = judge(&p, &data);
    if (action == SECCOMP_RET_ALLOW)
        return PASS;
    if (action == SECCOMP_RET_KILL_PROCESS)
        return KILLED;
    assert_int_equal(action & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
    return (int)(action & SECCOMP_RET_DATA);
}

static void each_call_is_judged_by_its_number_and_arguments(void **state)
{
    enum { NETLINK_ROUTES = 0, NETLINK_AUDITS = 9 };
    static const struct {
        int      number;
        uint64_t args[6];
        int      want;
    } cases[] = {
        // clang-format off
        { SYS_read, { 0 }, PASS }, { SYS_getrandom, { 0 }, PASS }, { SYS_exit_group, { 0 }, PASS },
        { SYS_futex, { 0 }, PASS }, { SYS_ppoll, { 0 }, PASS }, { SYS_newfstatat, { 0 }, PASS }, { SYS_fstat, { 0 }, PASS },
        { SYS_openat, { 0, 0, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW }, PASS },
        { SYS_openat, { 0, 0, O_WRONLY }, EPERM }, { SYS_openat, { 0, 0, O_RDWR | O_CREAT }, EPERM },
        { SYS_openat, { 0, 0, O_RDONLY | O_TRUNC }, EPERM }, { SYS_openat2, { 0 }, ENOSYS },
        { SYS_mmap, { 0, 0, PROT_READ | PROT_WRITE }, PASS }, { SYS_mprotect, { 0, 0, PROT_READ | PROT_EXEC }, EPERM },
        { SYS_socket, { AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0 }, PASS }, { SYS_socket, { AF_INET6, SOCK_DGRAM, 0 }, PASS },
        { SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, EAFNOSUPPORT },
        { SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_ROUTES }, PASS },
        { SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_AUDITS }, EPERM }, { SYS_socketpair, { AF_UNIX }, PASS },
        { SYS_listen, { 3 }, EPERM }, { SYS_accept4, { 3 }, EPERM }, { SYS_connect, { 3 }, PASS },
        { SYS_clone, { CLONE_VM | CLONE_THREAD }, PASS }, { SYS_clone, { SIGCHLD }, EPERM }, { SYS_clone3, { 0 }, ENOSYS },
        { SYS_execve, { 0 }, KILLED }, { SYS_execveat, { 0 }, KILLED }, { SYS_ptrace, { 0 }, KILLED },
        { SYS_prctl, { PR_SET_NAME }, PASS }, { SYS_prctl, { PR_SET_DUMPABLE, 1 }, EPERM },
        { SYS_prlimit64, { 0, 7, 0 }, PASS }, { SYS_prlimit64, { 0, 7, 1 }, EPERM },
        { SYS_prlimit64, { 0, 7, 1ull << 32 }, EPERM },
        { SYS_ioctl, { 1, TCGETS }, PASS }, { SYS_ioctl, { 1, 0x5412 }, ENOTTY }, /* TIOCSTI types into a terminal */
        { SYS_tgkill, { 1, 1, 9 }, EPERM }, { SYS_kill, { 1, 9 }, EPERM }, { SYS_unlinkat, { 0 }, EPERM },
        { SYS_mount, { 0 }, EPERM }, { SYS_bpf, { 0 }, EPERM }, { SYS_io_uring_setup, { 0 }, ENOSYS },
        { 0x40000000 | SYS_read, { 0 }, EPERM }, { -1, { 0 }, EPERM },
        // clang-format on
    };

    (void)state;
    if (!ARCHITECTURE_KNOWN)
        skip();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (said(ARCHITECTURE, cases[i].number, cases[i].args) != cases[i].want)
            fail_msg("call %d, case %zu: %d", cases[i].number, i, said(ARCHITECTURE, cases[i].number, cases[i].args));
    assert_int_equal(said(ARCHITECTURE, SYS_tgkill, (const uint64_t[6]){ (uint64_t)getpid(), 1, 6 }), PASS);
}

static void the_calls_of_another_processor_end_the_process(void **state)
{
    static const uint64_t none[6] = { 0 };

    (void)state;
    if (!ARCHITECTURE_KNOWN)
        skip();
    assert_int_equal(said(ARCHITECTURE ^ 1, SYS_read, none), KILLED);
    assert_int_equal(said(AUDIT_ARCH_I386, SYS_read, none), KILLED);
    assert_int_equal(said(AUDIT_ARCH_ARM, SYS_read, none), KILLED);
}

/* A number twice would hide the second rule. */
static void each_number_is_in_the_table_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(table[i].number, table[k].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_judged_by_its_number_and_arguments),
        cmocka_unit_test(the_calls_of_another_processor_end_the_process),
        cmocka_unit_test(each_number_is_in_the_table_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
