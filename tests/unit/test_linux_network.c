#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/links.h"
#include "platform/linux/parse.h"

#define HEADINGS "Inter-|   Receive  |  Transmit\n face |bytes |bytes\n"

struct seen {
    struct buf            names;
    const char           *wanted;
    struct plat_interface nic;
};

static void on_row(void *context, const struct plat_interface *nic)
{
    struct seen *s = context;

    assert_int_equal(buf_printf(&s->names, "%s ", nic->name).code, ERR_OK);
    if (strcmp(nic->name, s->wanted) == 0)
        s->nic = *nic;
}

static struct err parse(struct seen *s, const char *wanted, const char *text, size_t len)
{
    *s = (struct seen){ .wanted = wanted };
    buf_init(&s->names, 1 << 20);
    return plat_netdev_parse(text, len, on_row, s);
}

static void captured_files_give_every_interface(void **state)
{
    static const struct {
        const char           *name, *rows;
        struct plat_interface want;
    } cases[] = {
        { "linux/netdev/centos6-2.6.32",
          "lo eth0 ",
          { "eth0", 4294967295, 1298203910, 12, 1, 3, 0, 0, PLAT_LINK_UNKNOWN, 0 } },
        { "linux/netdev/ubuntu22-docker",
          "lo enp0s31f6 docker0 br-5c1d4f6e3a2b veth1a2b3c4 wg0 bond0.100 ",
          { "wg0", 1029384, 2039481, 0, 0, 0, 12, 0, PLAT_LINK_UNKNOWN, 0 } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t                       len;
        char                        *text = fixture_read(cases[i].name, &len);
        const struct plat_interface *want = &cases[i].want;
        struct seen                  s;

        assert_int_equal(parse(&s, want->name, text, len).code, ERR_OK);
        assert_string_equal(buf_text(&s.names), cases[i].rows);
        assert_int_equal(s.nic.received_bytes, want->received_bytes);
        assert_int_equal(s.nic.sent_bytes, want->sent_bytes);
        assert_int_equal(s.nic.receive_errors, want->receive_errors);
        assert_int_equal(s.nic.send_errors, want->send_errors);
        assert_int_equal(s.nic.receive_drops, want->receive_drops);
        assert_int_equal(s.nic.send_drops, want->send_drops);
        buf_done(&s.names);
        free(text);
    }
}

static void odd_texts_are_told_apart(void **state)
{
    static const struct {
        const char   *name, *text;
        enum err_code want;
    } cases[] = {
        { "no interface", HEADINGS, ERR_OK },
        { "plain", HEADINGS "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ERR_OK },
        { "empty", "", ERR_MALFORMED },
        { "one heading", "Inter-|   Receive\n", ERR_MALFORMED },
        { "no heading", "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ERR_MALFORMED },
        { "cut in a row", HEADINGS "  eth0: 1 2 3 4 5 6 7", ERR_MALFORMED },
        { "no colon", HEADINGS "  eth0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ERR_MALFORMED },
        { "no name", HEADINGS ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ERR_MALFORMED },
        { "two names", HEADINGS "a b: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", ERR_MALFORMED },
        { "over 64 bits", HEADINGS "  eth0: 18446744073709551616 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
          ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s;

        if (parse(&s, "", cases[i].text, strlen(cases[i].text)).code != cases[i].want)
            fail_msg("%s", cases[i].name);
        buf_done(&s.names);
    }
}

static void refuse_loopback(void *context, const struct plat_interface *nic)
{
    (void)context;
    assert_string_not_equal(nic->name, "lo");
}

static void loopback_is_never_given(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(plat_network_read(refuse_loopback, NULL).code, ERR_OK);
    plat_network_done();
}

static void a_link_is_up_down_or_not_told(void **state)
{
    static const struct {
        const char    *text;
        enum plat_link want;
    } cases[] = {
        { "up\n", PLAT_LINK_UP },         { "up", PLAT_LINK_UP },
        { "down\n", PLAT_LINK_DOWN },     { "lowerlayerdown\n", PLAT_LINK_DOWN },
        { "dormant\n", PLAT_LINK_DOWN },  { "unknown\n", PLAT_LINK_UNKNOWN },
        { "upper\n", PLAT_LINK_UNKNOWN }, { "", PLAT_LINK_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (plat_operstate_parse(cases[i].text, strlen(cases[i].text)) != cases[i].want)
            fail_msg("\"%s\"", cases[i].text);
}

static void a_speed_is_told_in_millions_of_bits(void **state)
{
    static const struct {
        const char *text;
        uint64_t    want;
    } cases[] = {
        { "1000\n", 125000000 },
        { "10", 1250000 },
        { "400000\n", 50000000000 },
        { "-1\n", 0 },
        { "4294967295\n", 0 }, /* as old kernels wrote -1 */
        { "", 0 },
        { "1000 full\n", 0 },
        { "99999999999999999999\n", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (plat_speed_parse(cases[i].text, strlen(cases[i].text)) != cases[i].want)
            fail_msg("\"%s\"", cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_every_interface),
        cmocka_unit_test(odd_texts_are_told_apart),
        cmocka_unit_test(loopback_is_never_given),
        cmocka_unit_test(a_link_is_up_down_or_not_told),
        cmocka_unit_test(a_speed_is_told_in_millions_of_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
