#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/service.h"

/* A service manager's end: an abstract socket, so that nothing is left behind. */
static int manager_open(void)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    char               name[60];
    int                fd = socket(AF_UNIX, SOCK_DGRAM, 0), len;

    len = snprintf(name, sizeof name, "@picket-test-%d", (int)getpid());
    memcpy(at.sun_path, name, (size_t)len);
    at.sun_path[0] = '\0';
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static const char *heard(int fd)
{
    static char text[500];
    ssize_t     n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void what_is_said_arrives_as_one_line_each(void **state)
{
    int fd = manager_open();

    (void)state;
    plat_service_ready();
    assert_string_equal(heard(fd), "READY=1");
    plat_service_say("watching box\nMAINPID=1");
    assert_string_equal(heard(fd), "STATUS=watching box");
    assert_string_equal(heard(fd), "");
    close(fd);
}

static void a_long_line_is_cut(void **state)
{
    char line[1000];
    int  fd = manager_open();

    (void)state;
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    plat_service_say(line);
    assert_int_equal(strlen(heard(fd)), 399);
    close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
    static const char *const none[] = { NULL, "", "relative", "/no/such/socket", "@" };

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        if (none[i])
            setenv("NOTIFY_SOCKET", none[i], 1);
        else
            unsetenv("NOTIFY_SOCKET");
        plat_service_ready();
        plat_service_say("still here");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_arrives_as_one_line_each),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(without_a_manager_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
