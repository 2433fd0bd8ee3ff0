/* Each attempt runs in a forked child that was confined as the courier is, and tells by its end how it went. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include <uv.h>

#include "platform/buf.h"
#include "platform/child.h"
#include "platform/confine.h"
#include "platform/linux/callfilter.h"
#include "platform/linux/landlock.h"

static char folder[] = "/tmp/test_confine.XXXXXX";
static char readable[64], secret[64], missing[64];

/* ---- attempts: 0, or errno ---- */

static int result(long status)
{
    return status < 0 ? errno : 0;
}

static int reads(const char *path)
{
    char byte;
    int  fd = open(path, O_RDONLY);

    return fd < 0 ? errno : result(read(fd, &byte, 1));
}

static int read_allowed(void)
{
    return reads(readable);
}

static int read_shadow(void)
{
    return reads("/etc/shadow");
}

static int read_state(void)
{
    return reads(secret);
}

static int read_other_process(void)
{
    return reads("/proc/1/status");
}

static int read_resolver(void)
{
    return access("/etc/resolv.conf", F_OK) == 0 ? reads("/etc/resolv.conf") : 0;
}

static int write_allowed(void)
{
    return result(open(readable, O_WRONLY));
}

static int append_to_log(void)
{
    return result(open("/var/log/wtmp", O_WRONLY | O_APPEND | O_CREAT, 0600));
}

static int create(void)
{
    return result(open(missing, O_WRONLY | O_CREAT, 0600));
}

static int create_nameless(void)
{
    return result(open("/tmp", O_TMPFILE | O_RDWR, 0600));
}

static int remove_file(void)
{
    return result(unlink(readable));
}

static int rename_file(void)
{
    return result(rename(readable, missing));
}

static int make_folder(void)
{
    return result(mkdir(missing, 0700));
}

static int change_mode(void)
{
    return result(chmod(readable, 0777));
}

static int make_memory_file(void)
{
    return result(syscall(SYS_memfd_create, "x", 0));
}

static int run_program(void)
{
    char *const args[] = { (char *)(uintptr_t) "/bin/true", NULL };

    execve(args[0], args, NULL);
    return errno;
}

static int make_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return result(pid);
}

static int look_into_parent(void)
{
    return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int signal_parent(void)
{
    return result(kill(getppid(), 0));
}

static int bind_port(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    int                s = socket(AF_INET, SOCK_STREAM, 0);

    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    any.sin_port = htons(20009);
    return bind(s, (struct sockaddr *)&any, sizeof any) == 0 ? result(listen(s, 1)) : errno;
}

static int listen_anywhere(void)
{
    return result(listen(socket(AF_INET, SOCK_STREAM, 0), 1));
}

static int local_socket(void)
{
    return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int packet_socket(void)
{
    return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int audit_socket(void)
{
    return result(socket(AF_NETLINK, SOCK_RAW, 9));
}

static int make_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? errno
               : 0;
}

static int turn_into_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? -1 : result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int become_root(void)
{
    return result(setuid(0));
}

static int raise_limit(void)
{
    struct rlimit none = { 0, 0 };

    return result(setrlimit(RLIMIT_CORE, &none));
}

static int be_dumpable(void)
{
    return result(prctl(PR_SET_DUMPABLE, 1));
}

static int use_io_uring(void)
{
    return result(syscall(SYS_io_uring_setup, 8, NULL));
}

static int push_terminal_input(void)
{
    return result(ioctl(0, 0x5412 /* TIOCSTI */, "x"));
}

static void *nothing(void *of)
{
    return of;
}

static int start_thread(void)
{
    pthread_t thread;
    int       why = pthread_create(&thread, NULL, nothing, NULL);

    return why ? why : pthread_join(thread, NULL);
}

static int resolve_name(void)
{
    struct addrinfo *found = NULL;
    int              why = getaddrinfo("localhost", "443", NULL, &found);

    if (found)
        freeaddrinfo(found);
    return why == 0 ? 0 : why == EAI_SYSTEM ? errno : EINVAL;
}

static int run_loop(void)
{
    uv_loop_t  loop;
    uv_timer_t timer;

    if (uv_loop_init(&loop) != 0 || uv_timer_init(&loop, &timer) != 0)
        return EINVAL;
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 ? 0 : EINVAL;
}

static int name_self(void)
{
    plat_child_name_self("picket-courier");
    return 0;
}

static int speak(void)
{
    return result(write(2, "", 0));
}

// clang-format off
enum { DEAD = -SIGSYS };

/* calls: needs the call filter alone; files: Landlock of that version */
static const struct { const char *name; int (*attempt)(void); int want, files; } attempts[] = {
    { "read an allowed file",        read_allowed,        0,            0 },
    { "read resolv.conf",            read_resolver,       0,            0 },
    { "start a thread",              start_thread,        0,            0 },
    { "resolve localhost",           resolve_name,        0,            0 },
    { "run a loop",                  run_loop,            0,            0 },
    { "name itself",                 name_self,           0,            0 },
    { "log",                         speak,               0,            0 },
    { "read /etc/shadow",            read_shadow,         EACCES,       1 },
    { "read the agent's state",      read_state,          EACCES,       1 },
    { "look at other processes",     read_other_process,  EACCES,       1 },
    { "bind a port",                 bind_port,           EACCES,       4 },
    { "write an allowed file",       write_allowed,       EPERM,        0 },
    { "append to a log",             append_to_log,       EPERM,        0 },
    { "create a file",               create,              EPERM,        0 },
    { "create a file without name",  create_nameless,     EPERM,        0 },
    { "remove a file",               remove_file,         EPERM,        0 },
    { "rename a file",               rename_file,         EPERM,        0 },
    { "make a folder",               make_folder,         EPERM,        0 },
    { "change a mode",               change_mode,         EPERM,        0 },
    { "make a file in memory",       make_memory_file,    EPERM,        0 },
    { "run a program",               run_program,         DEAD,         0 },
    { "make a process",              make_process,        EPERM,        0 },
    { "look into its parent",        look_into_parent,    DEAD,         0 },
    { "signal its parent",           signal_parent,       EPERM,        0 },
    { "listen on some port",         listen_anywhere,     EPERM,        0 },
    { "talk to local programs",      local_socket,        EAFNOSUPPORT, 0 },
    { "see packets",                 packet_socket,       EAFNOSUPPORT, 0 },
    { "speak to audit",              audit_socket,        EPERM,        0 },
    { "make code",                   make_code,           EPERM,        0 },
    { "turn data into code",         turn_into_code,      EPERM,        0 },
    { "become root",                 become_root,         EPERM,        0 },
    { "change its limits",           raise_limit,         EPERM,        0 },
    { "be dumpable again",           be_dumpable,         EPERM,        0 },
    { "use io_uring",                use_io_uring,        ENOSYS,       0 },
    { "type into a terminal",        push_terminal_input, ENOTTY,       0 },
};
// clang-format on

/* ---- carrying them out ---- */

static void confine(int parent_link)
{
    struct plat_confine_options options = { .readable = { readable }, .readable_count = 1, .parent_link = parent_link };
    struct plat_confine_report  report;
    char                        text[200];
    struct err                  e = plat_confine_courier(&options, &report);

    /* a build with a memory checker leaves the filter out; these children end before its check */
    if (!failed(e) && !report.calls)
        e = callfilter_install();
    if (failed(e)) {
        fprintf(stderr, "%s\n", err_print(e, text, sizeof text));
        _exit(255);
    }
}

/* What it returned, or minus the signal that ended it. */
static int in_a_child(int (*attempt)(void))
{
    int   status, ours, theirs;
    pid_t pid;

    assert_false(failed(plat_child_link(&ours, &theirs)));
    pid = fork();
    if (pid == 0) {
        close(ours);
        confine(theirs);
        _exit(attempt());
    }
    close(theirs);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(ours);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void the_courier_can_do_its_work_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
        int got;

        if (attempts[i].files > landlock_version()) {
            print_message("left out, needs Landlock %d: %s\n", attempts[i].files, attempts[i].name);
            continue;
        }
        got = in_a_child(attempts[i].attempt);
        if (got != attempts[i].want)
            fail_msg("%s: got %d (%s), want %d", attempts[i].name, got, got > 0 ? strerror(got) : "", attempts[i].want);
    }
}

static void an_orphan_does_not_begin(void **state)
{
    struct plat_confine_options options = { 0 };
    struct plat_confine_report  report;
    int                         ours, theirs, status;
    pid_t                       pid;

    (void)state;
    assert_false(failed(plat_child_link(&ours, &theirs)));
    close(ours); /* the parent is gone, as far as the child can see */
    options.parent_link = theirs;
    pid = fork();
    if (pid == 0)
        _exit(plat_confine_courier(&options, &report).code);
    close(theirs);
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_NOT_FOUND);
}

/* A child that is confined, with a parent of its own that is then killed. */
static void it_ends_with_its_parent(void **state)
{
    int   said[2], ours, theirs, status;
    char  byte = 0;
    pid_t parent;

    (void)state;
    assert_int_equal(pipe(said), 0);
    parent = fork();
    if (parent == 0) {
        if (failed(plat_child_link(&ours, &theirs)))
            _exit(1);
        if (fork() == 0) {
            close(ours);
            confine(theirs);
            close(said[0]);
            if (write(said[1], "", 1) == 1)
                poll(NULL, 0, 60000);
            _exit(0);
        }
        close(said[1]);
        poll(NULL, 0, 60000);
        _exit(0);
    }
    close(said[1]);
    assert_int_equal(read(said[0], &byte, 1), 1);
    kill(parent, SIGKILL);
    waitpid(parent, &status, 0);
    assert_int_equal(read(said[0], &byte, 1), 0); /* the end: nobody holds the other side any more */
    close(said[0]);
}

static void a_replaced_file_makes_it_outdated(void **state)
{
    struct plat_confine_options options = { .readable = { readable, missing }, .readable_count = 2, .parent_link = -1 };
    struct plat_confine_report  report;
    int                         status, fd;
    pid_t                       pid;
    int                         from_child[2];

    (void)state;
    if (landlock_version() == 0)
        skip_because("this kernel has no Landlock");
    assert_int_equal(pipe(from_child), 0);
    pid = fork();
    if (pid == 0) {
        bool good = !failed(plat_confine_courier(&options, &report)) &&
                    write(from_child[1], &report, sizeof report) == (ssize_t)sizeof report;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(read(from_child[0], &report, sizeof report), sizeof report);
    waitpid(pid, &status, 0);
    close(from_child[0]);
    close(from_child[1]);
    print_message("%s\n", report.text);
    assert_true(report.files);
    assert_false(plat_confine_outdated(&report));

    fd = open(missing, O_CREAT | O_WRONLY, 0600); /* it came */
    close(fd);
    assert_true(plat_confine_outdated(&report));
    unlink(missing);
    assert_false(plat_confine_outdated(&report));

    assert_int_equal(rename(secret, readable), 0); /* it was replaced */
    assert_true(plat_confine_outdated(&report));
}

static int make_files(void **state)
{
    const char *const names[] = { readable, secret };

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(readable, sizeof readable, "%s/readable", folder);
    snprintf(secret, sizeof secret, "%s/secret", folder);
    snprintf(missing, sizeof missing, "%s/missing", folder);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        int fd = open(names[i], O_CREAT | O_WRONLY, 0600);

        if (fd < 0 || write(fd, "x", 1) != 1)
            return -1;
        close(fd);
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    unlink(readable);
    unlink(secret);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_courier_can_do_its_work_and_nothing_else),
        cmocka_unit_test(an_orphan_does_not_begin),
        cmocka_unit_test(it_ends_with_its_parent),
        cmocka_unit_test(a_replaced_file_makes_it_outdated),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
