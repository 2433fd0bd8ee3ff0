/* What leaves the machine: a tar that tar reads, a configuration without secrets, and a sieve that finds them. */
#include "tests/unit/check.h"

#include "agent/bundle/sieve.h"
#include "proto/config_mask.h"
#include "proto/ustar.h"

/* ---- ustar ---- */

static void a_header_is_as_posix_says(void **state)
{
    struct buf  b;
    const char *h;
    unsigned    sum = 0, said = 0;

    (void)state;
    buf_init(&b, 10000);
    assert_false(failed(ustar_put(&b, "dir/a.txt", 1000000000, "hello", 5)));
    assert_int_equal(b.len, 1024);
    h = b.data;
    assert_string_equal(h, "dir/a.txt");
    assert_string_equal(h + 100, "0000600");
    assert_string_equal(h + 124, "00000000005");
    assert_string_equal(h + 136, "07346545000");
    assert_int_equal(h[156], '0');
    assert_memory_equal(h + 257, "ustar\00000", 8);
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)h[i];
    assert_int_equal(sscanf(h + 148, "%o", &said), 1);
    assert_int_equal(sum, said);
    assert_memory_equal(h + 512, "hello\0\0", 7);
    assert_false(failed(ustar_put(&b, "empty", 0, "", 0)));
    assert_int_equal(b.len, 1024 + 512);
    assert_false(failed(ustar_end(&b)));
    assert_int_equal(b.len, 1024 + 512 + 1024);
    buf_done(&b);
}

static void what_does_not_fit_leaves_the_rest_whole(void **state)
{
    static const char big[3000];
    struct buf        b;

    (void)state;
    buf_init(&b, 2000);
    assert_false(failed(ustar_put(&b, "a", 0, "x", 1)));
    assert_int_equal(ustar_put(&b, "b", 0, big, sizeof big).code, ERR_TOO_BIG);
    assert_int_equal(b.len, 1024);
    buf_done(&b);
}

/* ---- the configuration ---- */

static char   left_out[20][100];
static size_t left_out_count;

static void on_left_out(void *context, const char *value)
{
    (void)context;
    assert_true(left_out_count < ARRAY_LEN(left_out));
    snprintf(left_out[left_out_count++], sizeof left_out[0], "%s", value);
}

static const char text[] =
    "{\"device\":{\"name\":\"box\"},"
    "\"upstreams\":[{\"name\":\"psa\",\"proxy\":\"http://joe:pa55word@proxy:3128\",\"settings\":"
    "{\"url\":\"https://psa.example\",\"public_key\":\"pub-key\",\"board\":7,\"private_key\":{\"file\":\"/k\"}}}],"
    "\"checks\":[{\"name\":\"web\",\"command\":[\"/check_http\",\"-a\",\"joe:authpass\",\"--password\",\"arg-pass\","
    "\"--token=tok-tok\"]}]}";

static void values_of_settings_and_arguments_are_left_out(void **state)
{
    static const char *const gone[] = { "psa.example", "pub-key", ":7", "authpass", "arg-pass", "tok-tok" };
    static const char *const there[] = { "box", "\"url\"", "public_key", "/k", "/check_http", "proxy:3128" };
    struct buf               b;

    (void)state;
    left_out_count = 0;
    buf_init(&b, 10000);
    assert_false(failed(config_mask(text, sizeof text - 1, true, on_left_out, NULL, &b)));
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        assert_null(strstr(b.data, gone[i]));
    for (size_t i = 0; i < ARRAY_LEN(there); i++)
        assert_non_null(strstr(b.data, there[i]));
    assert_int_equal(left_out_count, 4);
    assert_string_equal(left_out[0], "https://psa.example");
    assert_string_equal(left_out[1], "pub-key");
    assert_string_equal(left_out[2], "arg-pass");
    assert_string_equal(left_out[3], "tok-tok");
    buf_done(&b);
}

static void of_a_bad_configuration_no_value_is_left(void **state)
{
    static const char bad[] = "{\"setings\":{\"pasword\":\"one-secret\"},\"x\":[\"two\",{\"Api-Key\":[\"three\"]}],"
                              "\"upstreams\":[{\"settings\":{\"a\":{\"file\":\"/k\"}}}]}";
    struct buf        b;

    (void)state;
    left_out_count = 0;
    buf_init(&b, 10000);
    assert_false(failed(config_mask(bad, sizeof bad - 1, false, on_left_out, NULL, &b)));
    assert_null(strstr(b.data, "one-secret"));
    assert_null(strstr(b.data, "two"));
    assert_null(strstr(b.data, "three"));
    assert_non_null(strstr(b.data, "pasword"));
    assert_int_equal(left_out_count, 4);
    assert_string_equal(left_out[0], "one-secret");
    assert_string_equal(left_out[3], "/k");
    buf_clear(&b);
    assert_int_equal(config_mask("{\"a\": secret", 12, false, on_left_out, NULL, &b).code, ERR_MALFORMED);
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

/* ---- the sieve ---- */

static void secrets_are_removed_wherever_they_stand(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "nothing here", "nothing here" },
        { "hunter22", "(removed)" },
        { "xhunter22y hunter2", "x(removed)y hunter2" },
        { "hunter22hunter22", "(removed)(removed)" },
        { "the longer one hunter22-long wins", "the longer one (removed) wins" },
        { "{\"k\":\"a\\\"b\\\\cd\"}", "{\"k\":\"(removed)\"}" },
        { "a\"b\\cd", "(removed)" },
        { "line one is secret", "(removed) is secret" },
        { "abc", "abc" },
        { "http://joe:pw@proxy:3128/x", "http://(removed)@proxy:3128/x" },
        { "http://joe@proxy", "http://(removed)@proxy" },
        { "https://joe:p@ss@proxy", "https://(removed)@proxy" },
        { "https://joe:p/s?s#@proxy", "https://(removed)@proxy" },
        { "https://psa.example/a, mail a@b", "https://psa.example/a, mail a@b" },
        { "pa55%2Fword", "(removed)" },
        { "its pa55/word", "its (removed)" },
        { "Authorization: Bearer abcdefghijklmnop.q-r_s", "Authorization: Bearer (removed)" },
        { "authorization: basic am9lOnBhc3N3b3Jk", "authorization: basic (removed)" },
        { "neither Basic authentication nor Digest", "neither Basic authentication nor Digest" },
    };
    struct sieve *s = NULL;
    struct buf    b;

    (void)state;
    assert_false(failed(sieve_new(&s)));
    sieve_add(s, "hunter22");
    sieve_add(s, "hunter22-long");
    sieve_add(s, "abc");
    sieve_add(s, "a\"b\\cd");
    sieve_add(s, "line one\nline two\n");
    sieve_add_links(s, "proxy http://joe:pa55%2Fword@proxy:1 and https://x");
    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_clear(&b);
        assert_false(failed(sieve_put(s, cases[i].text, strlen(cases[i].text), &b)));
        if (strcmp(buf_text(&b), cases[i].want) != 0)
            fail_msg("\"%s\" became \"%s\"", cases[i].text, buf_text(&b));
    }
    buf_done(&b);
    sieve_free(&s);
}

static void where_a_secret_could_not_be_kept_nothing_is_let_through(void **state)
{
    struct sieve *s = NULL;
    struct buf    b;
    char          secret[32];

    (void)state;
    assert_false(failed(sieve_new(&s)));
    buf_init(&b, 1000);
    for (int i = 0; i < 4096; i++) {
        snprintf(secret, sizeof secret, "secret-%d", i);
        sieve_add(s, secret);
    }
    assert_false(failed(sieve_put(s, "plain", 5, &b)));
    sieve_add(s, "abc"); /* too short to count */
    assert_false(failed(sieve_put(s, "plain", 5, &b)));
    sieve_add(s, "one too many");
    assert_int_equal(sieve_put(s, "one too many", 12, &b).code, ERR_TOO_BIG);
    assert_string_equal(buf_text(&b), "plainplain");
    buf_done(&b);
    sieve_free(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_as_posix_says),
        cmocka_unit_test(what_does_not_fit_leaves_the_rest_whole),
        cmocka_unit_test(values_of_settings_and_arguments_are_left_out),
        cmocka_unit_test(of_a_bad_configuration_no_value_is_left),
        cmocka_unit_test(secrets_are_removed_wherever_they_stand),
        cmocka_unit_test(where_a_secret_could_not_be_kept_nothing_is_let_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
