/* agent/control/talk.h - what the command line asks a running agent, and what it answers.
 *
 * One request per connection; the answer is records of the kinds that belong to it, ended by DONE or FAILED. Reading is
 * open to local accounts, for nothing secret is in it; a change needs the administrator or the agent's own user, and so do
 * the fields of an inventory that are marked as secret: others get them empty.
 */
#ifndef PICKET_AGENT_CONTROL_TALK_H
#define PICKET_AGENT_CONTROL_TALK_H

#include "agent/inventory/sections.h"
#include "proto/record.h"

enum talk_request {
    TALK_STATUS = 1,
    TALK_TICKETS,
    TALK_TICKET,
    TALK_NOTE,
    TALK_CLOSE,
    TALK_REOPEN,
    TALK_HISTORY,
    TALK_METRICS,
    TALK_INVENTORY,
    TALK_INVENTORY_CHANGES,
    TALK_INVENTORY_TAKE,
};

/* Every request carries these; what it does not need is 0 or "". */
struct talk_ask {
    uint64_t number; /* of a desk ticket; HISTORY: from when, wall ms, for TALK_HISTORY_MS; INVENTORY_CHANGES: from when */
    bool     all;    /* closed ones too */
    char     text[2000];
};

struct talk_agent {
    char     version[32], device_id[40], device_name[256], user[64];
    char     courier_user[64], courier_confinement[200];
    uint64_t process, courier_process;
    int64_t  started;
    uint64_t period_s;
    char     configuration[600]; /* which file, or "built-in defaults" */
    char     configuration_error[300]; /* why a reload was not taken, or "" */
    char     quiet[160]; /* why changes are held now, and for how long; or "" */
    bool     durable; /* alerts are on disk */
    char     durable_why[200];
    char     set_aside[600]; /* a damaged database that was found, or "" */
    uint64_t outbox_bytes, unsaved, open_alerts, sample_blocks;
    uint64_t gaps; /* in the samples that are kept */
    char     last_gap[200]; /* when, how many, why; or "" */
    uint64_t rounds, round_age_ms; /* readings so far; how long the last one is ago */
};

struct talk_figure {
    char   name[80], instance[320], unit[24], text[40];
    double value;
    bool   rule; /* a rule looks at it */
};

struct talk_collector {
    char     name[32], state[24]; /* "ok", "unsupported", "failed", "waiting", "asleep" (on demand) */
    char     why[160];
    uint64_t took_us;
};

struct talk_rule {
    char   rule[64], instance[320], state[16], value_text[40], limit_text[96], why[160];
    double value;
};

struct talk_alert {
    char     rule[64], instance[320], ref[32], severity[16], title[256], change[256];
    bool     open;
    uint64_t revision;
    int64_t  raised, changed, cleared;
};

struct talk_upstream {
    char     name[64], connector[64], state[16]; /* "ok", "retrying", "refused", "unusable", "idle" */
    char     why[300];
    uint64_t waiting, retry_s;
    int64_t  last_ok;
};

struct talk_ticket {
    char     upstream[64], id[128], url[256], state[16], severity[16], title[256], ref[32], note[200];
    uint64_t number; /* of the desk's; 0 otherwise */
    bool     touched;
    int64_t  opened, changed, closed;
};

/* The text of a ticket, or a piece of a longer one: the next goes on where it ends. */
struct talk_text {
    char text[2100];
};

struct talk_note {
    int64_t at;
    char    author[64], text[2100];
};

/* A block of samples (agent/outbox/block.h), or a piece of one. */
enum { TALK_HISTORY_MS = 3600 * 1000, TALK_PIECE_BYTES = 24 * 1024 };
struct talk_block {
    bool more;                             /* another piece follows */
    char hex[2 * TALK_PIECE_BYTES + 1];
};

/* agent/inventory/sections.h */
struct talk_inventory {
    int64_t taken;
};

struct talk_inventory_row {
    uint64_t section;
    char     row[INVENTORY_ROW_MAX + 1];
};

struct talk_inventory_change {
    int64_t  at;
    uint64_t section;
    char     was[INVENTORY_ROW_MAX + 1], now[INVENTORY_ROW_MAX + 1];
};

struct talk_failed {
    char why[300];
};

extern const struct record talk_ask_record; /* its type is the request's: set by the caller */
extern const struct record talk_agent_record, talk_figure_record, talk_collector_record,
    talk_rule_record, talk_alert_record, talk_upstream_record, talk_ticket_record,
    talk_text_record, talk_note_record, talk_block_record, talk_inventory_record, talk_inventory_row_record,
    talk_inventory_change_record, talk_failed_record, talk_done_record;

#endif
