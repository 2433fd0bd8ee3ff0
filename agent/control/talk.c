#include "agent/control/talk.h"

#define ROW(member, kind) RECORD_FIELD(struct THIS, member, RECORD_##kind)

enum {
    TYPE_AGENT = 64,
    TYPE_FIGURE,
    TYPE_COLLECTOR,
    TYPE_RULE,
    TYPE_ALERT,
    TYPE_UPSTREAM,
    TYPE_TICKET,
    TYPE_TEXT,
    TYPE_NOTE,
    TYPE_FAILED,
    TYPE_DONE,
    TYPE_BLOCK,
    TYPE_INVENTORY,
    TYPE_INVENTORY_ROW,
    TYPE_INVENTORY_CHANGE,
};

// clang-format off
#define THIS talk_ask
static const struct record_field ask[] = {
    ROW(number, NUMBER), ROW(all, FLAG), ROW(text, TEXT),
};
#undef THIS

#define THIS talk_agent
static const struct record_field agent[] = {
    ROW(version, TEXT), ROW(device_id, TEXT), ROW(device_name, TEXT), ROW(user, TEXT), ROW(process, NUMBER),
    ROW(courier_user, TEXT), ROW(courier_process, NUMBER), ROW(courier_confinement, TEXT),
    ROW(started, TIME), ROW(period_s, NUMBER), ROW(configuration, TEXT), ROW(configuration_error, TEXT),
    ROW(quiet, TEXT), ROW(durable, FLAG), ROW(durable_why, TEXT), ROW(set_aside, TEXT), ROW(outbox_bytes, NUMBER),
    ROW(unsaved, NUMBER), ROW(open_alerts, NUMBER), ROW(sample_blocks, NUMBER), ROW(rounds, NUMBER),
    ROW(round_age_ms, NUMBER), ROW(gaps, NUMBER), ROW(last_gap, TEXT),
};
#undef THIS

#define THIS talk_figure
static const struct record_field figure[] = {
    ROW(name, TEXT), ROW(instance, TEXT), ROW(value, VALUE), ROW(unit, TEXT), ROW(text, TEXT), ROW(rule, FLAG),
};
#undef THIS

#define THIS talk_collector
static const struct record_field collector[] = {
    ROW(name, TEXT), ROW(state, TEXT), ROW(why, TEXT), ROW(took_us, NUMBER),
};
#undef THIS

#define THIS talk_rule
static const struct record_field rule[] = {
    ROW(rule, TEXT), ROW(instance, TEXT), ROW(state, TEXT), ROW(value, VALUE), ROW(value_text, TEXT),
    ROW(limit_text, TEXT), ROW(why, TEXT),
};
#undef THIS

#define THIS talk_alert
static const struct record_field alert[] = {
    ROW(rule, TEXT), ROW(instance, TEXT), ROW(ref, TEXT), ROW(open, FLAG), ROW(severity, TEXT), ROW(title, TEXT),
    ROW(change, TEXT), ROW(revision, NUMBER), ROW(raised, TIME), ROW(changed, TIME), ROW(cleared, TIME),
};
#undef THIS

#define THIS talk_upstream
static const struct record_field upstream[] = {
    ROW(name, TEXT), ROW(connector, TEXT), ROW(state, TEXT), ROW(why, TEXT), ROW(waiting, NUMBER),
    ROW(retry_s, NUMBER), ROW(last_ok, TIME),
};
#undef THIS

#define THIS talk_ticket
static const struct record_field ticket[] = {
    ROW(upstream, TEXT), ROW(id, TEXT), ROW(number, NUMBER), ROW(url, TEXT), ROW(state, TEXT), ROW(severity, TEXT),
    ROW(title, TEXT), ROW(ref, TEXT), ROW(note, TEXT), ROW(touched, FLAG), ROW(opened, TIME), ROW(changed, TIME),
    ROW(closed, TIME),
};
#undef THIS

#define THIS talk_text
static const struct record_field text[] = { ROW(text, TEXT) };
#undef THIS

#define THIS talk_note
static const struct record_field note[] = { ROW(at, TIME), ROW(author, TEXT), ROW(text, TEXT) };
#undef THIS

#define THIS talk_block
static const struct record_field block[] = { ROW(more, FLAG), ROW(hex, TEXT) };
#undef THIS

#define THIS talk_inventory
static const struct record_field inventory[] = { ROW(taken, TIME) };
#undef THIS

#define THIS talk_inventory_row
static const struct record_field inventory_row_fields[] = { ROW(section, NUMBER), ROW(row, TEXT) };
#undef THIS

#define THIS talk_inventory_change
static const struct record_field inventory_change_fields[] = {
    ROW(at, TIME), ROW(section, NUMBER), ROW(was, TEXT), ROW(now, TEXT),
};
#undef THIS

#define THIS talk_failed
static const struct record_field failed_fields[] = { ROW(why, TEXT) };
#undef THIS

const struct record talk_ask_record         = { 0,                "ask",        ask,           ARRAY_LEN(ask) };
const struct record talk_agent_record       = { TYPE_AGENT,       "agent",      agent,         ARRAY_LEN(agent) };
const struct record talk_figure_record      = { TYPE_FIGURE,      "figures",    figure,        ARRAY_LEN(figure) };
const struct record talk_collector_record   = { TYPE_COLLECTOR,   "collectors", collector,     ARRAY_LEN(collector) };
const struct record talk_rule_record        = { TYPE_RULE,        "rules",      rule,          ARRAY_LEN(rule) };
const struct record talk_alert_record       = { TYPE_ALERT,       "alerts",     alert,         ARRAY_LEN(alert) };
const struct record talk_upstream_record    = { TYPE_UPSTREAM,    "upstreams",  upstream,      ARRAY_LEN(upstream) };
const struct record talk_ticket_record      = { TYPE_TICKET,      "tickets",    ticket,        ARRAY_LEN(ticket) };
const struct record talk_text_record        = { TYPE_TEXT,        "text",       text,          ARRAY_LEN(text) };
const struct record talk_note_record        = { TYPE_NOTE,        "notes",      note,          ARRAY_LEN(note) };
const struct record talk_block_record       = { TYPE_BLOCK,       "block",      block,         ARRAY_LEN(block) };
const struct record talk_inventory_record   = { TYPE_INVENTORY,   "inventory",  inventory,     ARRAY_LEN(inventory) };
const struct record talk_inventory_row_record =
    { TYPE_INVENTORY_ROW, "rows", inventory_row_fields, ARRAY_LEN(inventory_row_fields) };
const struct record talk_inventory_change_record =
    { TYPE_INVENTORY_CHANGE, "changes", inventory_change_fields, ARRAY_LEN(inventory_change_fields) };
const struct record talk_failed_record      = { TYPE_FAILED,      "error",      failed_fields, ARRAY_LEN(failed_fields) };
const struct record talk_done_record        = { TYPE_DONE,        "done",       NULL,          0 };
// clang-format on
