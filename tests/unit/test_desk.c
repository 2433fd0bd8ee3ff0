/* The local desk: exactly one ticket, notes that say what changed, and a person's word that counts. */
#include "agent/outbox/desk.h"

#include "outbox_rig.h"

static const char REF[] = "picket-0123456789abcdef";

static int64_t raised(struct outbox *o, const char *ref)
{
    struct alert a = rig_alert("disk-full", "mountpoint=/srv");

    a.ref = ref;
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    return a.id;
}

static void change(struct outbox *o, int64_t id, const char *words, bool open)
{
    struct alert a = *outbox_alert_get(o, id);

    a.revision++;
    a.change = words;
    a.changed_ms += 60000;
    a.open = open;
    a.cleared_ms = open ? 0 : a.changed_ms;
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(desk_deliver(o, outbox_alert_get(o, id), "desk"));
}

static bool list_note(void *context, const struct desk_note *n)
{
    rig_ok(buf_printf(context, "%s: %s\n", n->author, n->text));
    return true;
}

static bool list_ticket(void *context, const struct desk_ticket *t)
{
    rig_ok(buf_printf(context, "#%lld %s%s\n", (long long)t->number, t->open ? "open" : "closed",
                      t->touched ? " touched" : ""));
    return true;
}

static void assert_notes(struct outbox *o, int64_t number, const char *want)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    rig_ok(desk_note_each(o, number, list_note, &text));
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static void assert_tickets(struct outbox *o, bool closed_too, const char *want)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    rig_ok(desk_ticket_each(o, closed_too, list_ticket, &text));
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static void assert_told(struct outbox *o, int64_t id, const char *ticket, const char *note)
{
    struct delivery d;

    outbox_delivery_get(o, id, "desk", &d);
    assert_string_equal(d.ticket_id, ticket);
    assert_string_equal(d.note, note);
    assert_true(d.told_cleared);
}

/* Each story once on a disk, with a restart before every look, and once in memory alone. */
struct place {
    struct rig_folder folder;
    bool              on_disk;
    struct outbox    *outbox;
};

static struct outbox *again(struct place *p)
{
    if (p->on_disk) {
        outbox_close(&p->outbox);
        p->outbox = rig_open(p->folder.db);
        rig_durable(p->outbox);
    }
    return p->outbox;
}

static void telling_it_again_and_again_makes_one_ticket(struct place *p)
{
    struct outbox *o = p->outbox;
    int64_t        id = raised(o, REF);

    for (int i = 0; i < 5; i++) {
        rig_ok(desk_deliver(o, outbox_alert_get(o, id), "desk"));
        o = again(p);
    }
    change(o, id, "now 98.0 % (was 97.0 %)", true);
    for (int i = 0; i < 5; i++) {
        rig_ok(desk_deliver(o, outbox_alert_get(o, id), "desk"));
        o = again(p);
    }
    assert_tickets(o, true, "#1 open\n");
    assert_notes(o, 1, "picket: now 98.0 % (was 97.0 %)\n");
}

static void a_breach_that_ends_closes_its_ticket(struct place *p)
{
    struct desk_ticket t;
    int64_t            id = raised(p->outbox, REF);
    struct outbox     *o = again(p);

    change(o, id, "back to 60.0 % after 17 min", false);
    o = again(p);
    assert_told(o, id, "1", "closed");
    assert_tickets(o, false, "");
    assert_tickets(o, true, "#1 closed\n");
    assert_notes(o, 1, "picket: back to 60.0 % after 17 min\n");
    rig_ok(desk_ticket_get(o, 1, &t));
    assert_string_equal(t.ref, REF);
    assert_string_equal(t.title, "web1: /srv is 97.0 % full");
    assert_string_equal(t.text, "Device: web1\nSeen: 97.0 %\n");
    assert_true(t.closed_ms == 1700000060000);
}

static void what_a_person_touched_stays_open(struct place *p)
{
    int64_t        id = raised(p->outbox, REF);
    struct outbox *o = again(p);

    rig_ok(desk_note_add(o, 1, "anna", "waiting for the customer"));
    o = again(p);
    change(o, id, "back to 60.0 %", false);
    o = again(p);
    assert_told(o, id, "1", "left open: a person works on it");
    assert_tickets(o, false, "#1 open touched\n");
    assert_notes(o, 1, "anna: waiting for the customer\npicket: back to 60.0 %\n");
    rig_ok(desk_close(o, 1, "anna"));
    o = again(p);
    assert_tickets(o, false, "");
    assert_notes(o, 1, "anna: waiting for the customer\npicket: back to 60.0 %\nanna: closed\n");
}

static void a_new_breach_finds_the_ticket_that_was_left_open(struct place *p)
{
    int64_t        id = raised(p->outbox, REF);
    struct outbox *o = again(p);

    rig_ok(desk_note_add(o, 1, "anna", "hm"));
    change(o, id, "over", false);
    o = again(p);
    id = raised(o, REF);
    o = again(p);
    assert_tickets(o, true, "#1 open touched\n");
    assert_notes(o, 1, "anna: hm\npicket: over\npicket: raised\n");
    raised(o, "picket-another");
    assert_tickets(o, true, "#2 open\n#1 open touched\n");
}

static void a_new_breach_after_the_end_is_a_new_ticket(struct place *p)
{
    int64_t        id = raised(p->outbox, REF);
    struct outbox *o = again(p);

    change(o, id, "over", false);
    o = again(p);
    id = raised(o, REF);
    o = again(p);
    assert_tickets(o, true, "#2 open\n#1 closed\n");
    change(o, id, "over", false);
    assert_tickets(o, true, "#2 closed\n#1 closed\n");
}

static void a_ticket_closed_by_a_person_is_not_opened_for_a_change(struct place *p)
{
    int64_t        id = raised(p->outbox, REF);
    struct outbox *o = again(p);

    rig_ok(desk_close(o, 1, "anna"));
    o = again(p);
    change(o, id, "now 99.0 %", true);
    o = again(p);
    assert_tickets(o, true, "#1 closed touched\n");
    change(o, id, "over", false);
    o = again(p);
    assert_told(o, id, "1", "was closed before");
    assert_notes(o, 1, "anna: closed\npicket: now 99.0 %\npicket: over\n");
}

static void a_person_may_reopen(struct place *p)
{
    int64_t        id = raised(p->outbox, REF);
    struct outbox *o = again(p);

    change(o, id, "over", false);
    o = again(p);
    rig_ok(desk_reopen(o, 1, "bert"));
    rig_ok(desk_reopen(o, 1, "bert"));
    o = again(p);
    assert_tickets(o, false, "#1 open touched\n");
    assert_notes(o, 1, "picket: over\nbert: reopened\n");
    rig_ok(desk_close(o, 1, "bert"));
    rig_ok(desk_close(o, 1, "bert"));
    o = again(p);
    assert_notes(o, 1, "picket: over\nbert: reopened\nbert: closed\n");
}

static void a_breach_that_was_over_before_it_was_told_still_is_one_ticket(struct place *p)
{
    struct alert   a = rig_alert("disk-full", "mountpoint=/srv");
    struct outbox *o = p->outbox;

    rig_ok(outbox_alert_put(o, &a));
    a.revision = 2;
    a.open = false;
    a.change = "over after 2 min";
    rig_ok(outbox_alert_put(o, &a));
    o = again(p);
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    o = again(p);
    assert_told(o, a.id, "1", "closed");
    assert_tickets(o, true, "#1 closed\n");
    assert_notes(o, 1, "picket: over after 2 min\n");
}

static void there_is_no_such_ticket(struct place *p)
{
    struct desk_ticket t;

    assert_int_equal(desk_ticket_get(p->outbox, 1, &t).code, ERR_NOT_FOUND);
    assert_int_equal(desk_note_add(p->outbox, 1, "anna", "x").code, ERR_NOT_FOUND);
    assert_int_equal(desk_close(p->outbox, -1, "anna").code, ERR_NOT_FOUND);
    assert_int_equal(desk_reopen(p->outbox, INT64_MAX, "anna").code, ERR_NOT_FOUND);
    assert_notes(p->outbox, 1, "");
}

static void ten_years_either_way_change_no_ticket(struct place *p)
{
    const int64_t  ten_years = INT64_C(315360000000);
    struct outbox *o = p->outbox;

    for (int i = -1; i <= 1; i += 2) {
        int64_t      id = raised(o, REF);
        struct alert a = *outbox_alert_get(o, id);

        a.revision++;
        a.open = false;
        a.change = "over";
        a.changed_ms += i * ten_years;
        a.cleared_ms = a.changed_ms;
        rig_ok(outbox_alert_put(o, &a));
        o = again(p);
        rig_ok(desk_deliver(o, outbox_alert_get(o, id), "desk"));
        o = again(p);
    }
    assert_tickets(o, true, "#2 closed\n#1 closed\n");
}

typedef void story(struct place *p);

static void on_disk_and_in_memory(story *tell)
{
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        struct place p = { .on_disk = on_disk };

        rig_folder_make(&p.folder);
        p.outbox = rig_open(on_disk ? p.folder.db : NULL);
        tell(&p);
        outbox_close(&p.outbox);
        rig_folder_remove(&p.folder);
    }
}

/* The story is the test's name and state. */
static void run(void **state)
{
    on_disk_and_in_memory(**(story ***)state);
}

static void long_words_are_cut(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    char              words[DESK_NOTE_MAX * 2];
    struct buf        text;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    raised(o, REF);
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    rig_ok(desk_note_add(o, 1, words, words));
    buf_init(&text, 1 << 20);
    rig_ok(desk_note_each(o, 1, list_note, &text));
    assert_int_equal(text.len, 63 + 2 + DESK_NOTE_MAX - 1 + 1);
    buf_done(&text);
    outbox_close(&o);
    rig_folder_remove(&f);
}

int main(void)
{
#define STORY(name)                         \
    {                                       \
#name, run, NULL, NULL, (story *[]) \
        {                                   \
            name                            \
        }                                   \
    }
    const struct CMUnitTest tests[] = {
        STORY(telling_it_again_and_again_makes_one_ticket),
        STORY(a_breach_that_ends_closes_its_ticket),
        STORY(what_a_person_touched_stays_open),
        STORY(a_new_breach_finds_the_ticket_that_was_left_open),
        STORY(a_new_breach_after_the_end_is_a_new_ticket),
        STORY(a_ticket_closed_by_a_person_is_not_opened_for_a_change),
        STORY(a_person_may_reopen),
        STORY(a_breach_that_was_over_before_it_was_told_still_is_one_ticket),
        STORY(there_is_no_such_ticket),
        STORY(ten_years_either_way_change_no_ticket),
        cmocka_unit_test(long_words_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
