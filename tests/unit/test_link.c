#include "tests/unit/check.h"

#include "proto/link.h"

static struct ticket_facts some_facts(void)
{
    return (struct ticket_facts){ .ref = "picket-0011223344556677",
                                  .event_id = "picket-0011223344556677-1a-3",
                                  .title = "web-01: / is 97 % full",
                                  .text = "line one\nline two\n",
                                  .note = "now 97 %",
                                  .severity = SEVERITY_CRITICAL,
                                  .cleared = true,
                                  .device_id = "d",
                                  .device_name = "web-01",
                                  .device_url = "",
                                  .client = "Acme",
                                  .site = "",
                                  .rule = "disk-full",
                                  .instance = "mountpoint=/",
                                  .metric = "system.filesystem.utilization",
                                  .value = "97 %",
                                  .level = "95 %",
                                  .raised_at = "2026-01-05T10:12:00Z",
                                  .changed_at = "2026-01-05T10:13:00Z",
                                  .cleared_at = "2026-01-05T10:14:00Z",
                                  .revision = 3,
                                  .changes = 2 };
}

static void frame_of(struct buf *b, struct frame_reader *r)
{
    size_t used;

    assert_false(failed(frame_next(b->data, b->len, r, &used)));
    assert_int_equal(used, b->len);
}

static void work_arrives_as_it_was_sent(void **state)
{
    struct link_work    sent = { .upstream = 3, .alert_id = 77, .work = { .facts = some_facts(), .ticket_id = "", .maybe_created = true } };
    struct link_work    got;
    struct frame_reader r;
    struct buf          b;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    assert_false(failed(link_work_put(&b, &sent)));
    frame_of(&b, &r);
    assert_int_equal(r.type, LINK_WORK);
    assert_false(failed(link_work_get(&r, &got)));
    assert_int_equal(got.upstream, 3);
    assert_int_equal(got.alert_id, 77);
    assert_true(got.work.maybe_created);
    assert_true(got.work.facts.cleared);
    assert_int_equal(got.work.facts.severity, SEVERITY_CRITICAL);
    assert_int_equal(got.work.facts.revision, 3);
    assert_string_equal(got.work.ticket_id, "");
    assert_string_equal(got.work.facts.ref, sent.work.facts.ref);
    assert_string_equal(got.work.facts.text, sent.work.facts.text);
    assert_string_equal(got.work.facts.cleared_at, sent.work.facts.cleared_at);
    free(got.owned);
    buf_done(&b);
}

/* Every way to cut a work short, or to turn one of its bytes over, is refused or read; never more than that. */
static void damaged_work_does_no_harm(void **state)
{
    struct link_work sent = { .upstream = 3, .alert_id = 77, .work = { .facts = some_facts(), .ticket_id = "12" } };
    struct buf       b;
    size_t           refused = 0;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    assert_false(failed(link_work_put(&b, &sent)));
    for (size_t i = FRAME_HEAD_BYTES; i < b.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct frame_reader r;
            struct link_work    got = { 0 };
            size_t              used;

            b.data[i] ^= (char)(1u << bit);
            assert_false(failed(frame_next(b.data, b.len, &r, &used)));
            if (failed(link_work_get(&r, &got)))
                refused++;
            else
                free(got.owned);
            b.data[i] ^= (char)(1u << bit);
        }
    }
    assert_true(refused > 100);
    buf_done(&b);
}

static void setup_arrives_as_it_was_sent(void **state)
{
    struct link_setup *sent = calloc(1, sizeof *sent), *got = calloc(1, sizeof *got);
    struct frame_reader r;
    struct buf          b;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    sent->upstream = 1;
    strcpy(sent->name, "psa");
    strcpy(sent->connector, "some-connector");
    sent->setting_count = 2;
    strcpy(sent->settings[0].name, "site");
    strcpy(sent->settings[0].value, "na.example.com");
    strcpy(sent->settings[1].name, "key");
    strcpy(sent->settings[1].value, "/etc/picket/secrets/key");
    sent->settings[1].is_file = true;
    assert_false(failed(link_setup_put(&b, sent)));
    frame_of(&b, &r);
    assert_false(failed(link_setup_get(&r, got)));
    assert_memory_equal(sent, got, sizeof *sent);
    free(sent);
    free(got);
    buf_done(&b);
}

static void the_courier_cannot_name_an_upstream_that_is_not(void **state)
{
    struct link_done    done = { .upstream = LINK_UPSTREAMS_MAX, .outcome = TASK_CREATED };
    struct link_news    news = { .upstream = 0, .mood = (enum link_mood)(LINK_UNUSABLE + 1) };
    struct frame_reader r;
    struct buf          b;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    assert_false(failed(link_done_put(&b, &done)));
    frame_of(&b, &r);
    assert_int_equal(link_done_get(&r, &done).code, ERR_MALFORMED);
    buf_clear(&b);
    assert_false(failed(link_news_put(&b, &news)));
    frame_of(&b, &r);
    assert_int_equal(link_news_get(&r, &news).code, ERR_MALFORMED);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_arrives_as_it_was_sent),
        cmocka_unit_test(damaged_work_does_no_harm),
        cmocka_unit_test(setup_arrives_as_it_was_sent),
        cmocka_unit_test(the_courier_cannot_name_an_upstream_that_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
