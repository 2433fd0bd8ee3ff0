#include "agent/doctor/finding.h"

#define ROW(member, kind) RECORD_FIELD(struct THIS, member, RECORD_##kind)

enum { TYPE_ORDER = 96, TYPE_BEGIN, TYPE_FINDING, TYPE_END }; /* beside those of proto/link.h */

// clang-format off
#define THIS finding
static const struct record_field finding[] = {
    ROW(check, TEXT), ROW(about, TEXT), ROW(state, NUMBER), ROW(text, TEXT), ROW(remedy, TEXT),
};
#undef THIS

#define THIS exam_begin
static const struct record_field begin[] = { ROW(check, TEXT), ROW(number, NUMBER), ROW(limit_s, NUMBER) };
#undef THIS

#define THIS exam_order
static const struct record_field order[] = {
    ROW(config, TEXT), ROW(state_dir, TEXT), ROW(run_dir, TEXT), ROW(outbox, TEXT), ROW(control, TEXT),
    ROW(named, FLAG), ROW(of_system, FLAG), ROW(upstream, FLAG), ROW(blind, FLAG), ROW(first, NUMBER),
};
#undef THIS

const struct record finding_record    = { TYPE_FINDING, "checks", finding, ARRAY_LEN(finding) };
const struct record exam_begin_record = { TYPE_BEGIN,   "begin",  begin,   ARRAY_LEN(begin) };
const struct record exam_order_record = { TYPE_ORDER,   "order",  order,   ARRAY_LEN(order) };
const struct record exam_end_record   = { TYPE_END,     "end",    NULL,    0 };
// clang-format on

const char *finding_state_name(enum finding_state state)
{
    static const char *const names[] = { "ok", "warning", "failed", "skipped" };

    return (unsigned)state < ARRAY_LEN(names) ? names[state] : "unknown";
}
