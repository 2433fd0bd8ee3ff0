/* proto/connector/model.h - a connector file as structs: what file.c makes and the session runs.
 *
 * Everything is allocated in the connector's text pool, is never changed after loading, and dies with it.
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_MODEL_H
#define PICKET_PROTO_CONNECTOR_MODEL_H

#include "proto/connector/connector.h"
#include "proto/pool.h"

enum {
    SETTINGS_LIMIT = 64,
    PICKS_LIMIT = 24,
    KEPT_LIMIT = 16,
    FOUND_LIMIT = 16,
    HEADERS_LIMIT = 20,
    RULES_LIMIT = 32,
    LANGUAGES_LIMIT = 6,
    AUTHS_LIMIT = 4,
    TESTS_LIMIT = 6,
    GROUPS_LIMIT = 4,
    POINTERS_LIMIT = 3,
    PARTS_LIMIT = 24,
    FILTERS_LIMIT = 4,
    NAME_LIMIT = 48,
    CONNECTOR_FILE_BYTES = 256 * 1024,
};

/* ---- values: {settings.board}, {facts.title} ---- */

enum scope {
    SCOPE_SETTINGS,
    SCOPE_FACTS,
    SCOPE_DISCOVERED, /* kept by discovery */
    SCOPE_PICKS,      /* resolved names: ids of boards, statuses, companies */
    SCOPE_FOUND,      /* taken from an answer of this task by "values" */
    SCOPE_TICKET,
    SCOPE_PAGE,
    SCOPE_AUTH,
    SCOPE_NOW,
    SCOPE_REQUEST,
    SCOPE_PICK, /* what the pick at hand looks for */
    SCOPES
};

struct ref {
    uint8_t scope, index;
};

enum fact {
    FACT_REF,
    FACT_EVENT_ID,
    FACT_TITLE,
    FACT_TEXT,
    FACT_NOTE,
    FACT_SEVERITY,
    FACT_CLEARED,
    FACT_STATE,
    FACT_DEVICE_ID,
    FACT_DEVICE_NAME,
    FACT_DEVICE_URL,
    FACT_CLIENT,
    FACT_SITE,
    FACT_RULE,
    FACT_INSTANCE,
    FACT_METRIC,
    FACT_VALUE,
    FACT_LEVEL,
    FACT_RAISED_AT,
    FACT_CHANGED_AT,
    FACT_CLEARED_AT,
    FACT_REVISION,
    FACT_CHANGES,
    FACTS
};

enum { PAGE_NUMBER, PAGE_OFFSET, PAGE_CURSOR, PAGE_LENGTH };
enum { AUTH_TOKEN, AUTH_SIGNATURE };
enum { NOW_EPOCH_MS, NOW_EPOCH_S, NOW_RFC3339 };
enum { REQUEST_METHOD, REQUEST_PATH, REQUEST_QUERY, REQUEST_URL, REQUEST_BODY };

/* ---- templates ---- */

enum filter_kind {
    FILTER_CUT,
    FILTER_ONELINE,
    FILTER_LOWER,
    FILTER_UPPER,
    FILTER_INTEGER,
    FILTER_OR,
    FILTER_DEFAULT,
    FILTER_MAP,
    FILTER_PLUS_HOURS
};

struct filter {
    uint8_t     kind;
    struct ref  ref;    /* OR; PLUS_HOURS where text is NULL and number 0 */
    uint32_t    number; /* CUT, PLUS_HOURS */
    const char *text;   /* DEFAULT; MAP: "critical=High,warning=Low" */
};

/* A piece of literal text, or a value with what is done to it. */
struct part {
    const char          *literal; /* NULL: a value */
    struct ref           ref;
    uint8_t              filter_count;
    const struct filter *filters;
};

/* How values are quoted inside a query language or a markup; data of the file. */
struct language {
    const char        *name;
    const char        *quote;   /* put on both sides of a value; "" for markup */
    const char        *strip;   /* characters that are taken out */
    const char *const *escapes; /* character, replacement, ..., NULL */
    const char *const *used_in; /* names of query parameters, form fields and body members written in it; NULL ends */
    uint32_t           max;     /* bytes of one value; a longer one is refused */
};

struct template
{
    const struct part     *parts;
    uint8_t                count;
    const struct language *language; /* NULL: none */
};

/* ---- what is looked at in an answer ---- */

enum source_kind { SOURCE_BODY, SOURCE_STATUS, SOURCE_TEXT, SOURCE_HEADER, SOURCE_VALUE };

struct source {
    uint8_t     kind;
    const char *name; /* JSON pointer ("*": any element), header name */
    struct ref  ref;
};

enum test_op { TEST_IS, TEST_NOT, TEST_SAME, TEST_CONTAINS, TEST_CONTAINS_ALL, TEST_EXISTS, TEST_ABSENT, TEST_ABOVE };

struct test {
    struct source          source;
    uint8_t                op;
    const struct template *values; /* any of them */
    uint8_t                value_count;
};

/* All tests of one of the alternatives hold. */
struct condition {
    const struct test      *tests;
    uint8_t                 count;
    const struct condition *otherwise; /* the next alternative */
};

struct pointers {
    const char *at[POINTERS_LIMIT]; /* the first that fits */
    uint8_t     count;
};

/* ---- requests ---- */

enum node_kind {
    NODE_TEXT,
    NODE_INTEGER,
    NODE_NUMBER,
    NODE_BOOLEAN,
    NODE_LITERAL,
    NODE_OBJECT,
    NODE_ARRAY,
    NODE_JSON,
    NODE_RAW,
    NODE_WHEN
};

/* A body, or one value of a query, form or header. */
struct node {
    uint8_t  kind;
    bool     fixed;                  /* holds no value: never left out */
    uint32_t cut;                    /* TEXT: bytes at most, at a character's border; 0: no limit */
    struct template name;            /* of a member */
    struct template text;            /* TEXT, INTEGER, NUMBER, BOOLEAN */
    const char             *literal; /* LITERAL: JSON */
    const struct condition *when;    /* WHEN: first child if it holds, otherwise the second, if there is one */
    struct ref              ref;     /* RAW: JSON kept from an answer */
    struct node            *child, *next;
};

struct needs {
    uint32_t picks; /* bit set, without those that they need in turn */
    bool     discovery, wall_time;
};

struct request {
    const char *method;
    struct template address; /* of the whole URL, or of the path behind base */
    bool                   absolute;
    bool                   credentials;
    bool                   bare; /* without the file's headers */
    const struct node     *query, *headers, *form, *body;
    const struct template *basic_user, *basic_password; /* NULL: none */
    uint32_t               timeout_ms, answer_bytes;
};

enum paging_kind { PAGING_NONE, PAGING_NUMBER, PAGING_OFFSET, PAGING_CURSOR, PAGING_LINK };

struct paging {
    uint8_t       kind;
    uint32_t      first, size, max_pages;
    struct source next; /* CURSOR, LINK: where the answer has it; LINK with header "link": RFC 8288 */
};

/* ---- what an answer means ---- */

enum meaning { MEANS_OK, MEANS_RETRY, MEANS_LIMIT, MEANS_AUTH, MEANS_REFUSED, MEANS_GONE, MEANS_CONFLICT, MEANINGS };

struct rule_of_errors {
    uint16_t                from, to;
    const struct condition *when; /* NULL: always */
    uint8_t                 means;
    const char             *text; /* for people; NULL: what the server says */
};

struct rules_of_errors {
    const struct rule_of_errors *at;
    uint8_t                      count;
};

/* Where the words go that say why it was closed. */
enum note_place { NOTE_INSIDE, NOTE_BEFORE, NOTE_AFTER };

struct value_map {
    uint8_t       found; /* index of found.NAME */
    struct source from;
};

struct operation {
    const char             *name; /* "ticket.create" */
    struct request          request;
    struct pointers         list, record;
    struct paging           paging;
    const struct condition *expect, *read_back, *match, *closed, *touched;
    bool                    trust_status; /* there is nothing in the answer that could be believed */
    bool                    on_closed;    /* note: also taken by closed tickets */
    bool                    look_first;   /* note: the ticket is read before */
    uint8_t                 note;         /* close: enum note_place */
    bool                    writes, creates;
    struct template otherwise; /* for people, when expect or read_back does not hold */
    const struct value_map *values;
    uint8_t                 value_count;
    struct rules_of_errors  errors;
    const char             *settings; /* "queue, ref_field": whose names stand in a problem */
    struct needs            needs;
};

/* A name in the settings that the vendor wants as an id. */
struct pick {
    const char      *name;
    struct operation ask; /* its match says which element */
    struct template by;
    const struct condition *when_empty; /* which one, if by is empty; NULL: then the pick is empty too */
    const char             *value;      /* pointer into the chosen element */
    bool                    numbers;    /* digits are an id already */
    bool                    required;
    bool                    has_by;
    uint32_t                cache_s;
    bool                    uses_facts, by_severity;
    uint32_t                behind; /* bit set: all picks that its request needs, near and far */
};

/* ---- discovery, authentication ---- */

enum kept_as { KEPT_TEXT, KEPT_HOST, KEPT_URL, KEPT_PATH };

struct choice {
    const struct condition *when;
    struct template value;
};

struct kept {
    const char          *name;
    uint8_t              as;
    struct pointers      from;
    const struct choice *choices; /* instead of from */
    uint8_t              choice_count;
    struct template fallback;    /* count 0: none */
    bool               optional; /* may stay empty */
    const char *const *hosts;    /* URL, HOST: credentials go to no other; NULL: any */
};

struct discovery {
    bool             present;
    struct operation ask;
    struct kept     *kept;
    uint8_t          kept_count;
    uint32_t         cache_s;
    uint16_t         again_on[4];
    uint8_t          again_count;
};

enum auth_kind {
    AUTHKIND_NONE,
    AUTHKIND_BASIC,
    AUTHKIND_HEADERS,
    AUTHKIND_BEARER,
    AUTHKIND_OAUTH2_CLIENT,
    AUTHKIND_OAUTH2_PASSWORD,
    AUTHKIND_LOGIN,
    AUTHKIND_HMAC
};

enum digest_kind { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
enum digest_print { PRINT_BASE64, PRINT_HEX, PRINT_BASE64_OF_HEX };

struct auth {
    uint8_t                 kind;
    const struct condition *when;   /* on settings; NULL: always */
    struct template user, password; /* BASIC */
    struct template token;          /* BEARER */
    const char        *scheme;      /* "Bearer" */
    const struct node *headers;     /* HEADERS, HMAC, and any kind */
    struct operation   login;       /* OAUTH2_*, LOGIN */
    const char        *token_at, *expires_in_at, *expires_at_at;
    uint32_t           lifetime_s, early_s;
    uint8_t            digest, print; /* HMAC */
    struct template key, text;
};

/* ---- settings ---- */

enum setting_type {
    SETTING_TEXT,
    SETTING_SECRET,
    SETTING_HOST,
    SETTING_URL,
    SETTING_WEBHOOK,
    SETTING_INTEGER,
    SETTING_BOOLEAN,
    SETTING_CHOICE,
    SETTING_TYPES
};

struct setting {
    const char        *name;
    uint8_t            type;
    bool               required, secret;
    const char        *help, *default_value, *example;
    const char *const *choices;     /* NULL ends */
    uint32_t           max;         /* bytes */
    int64_t            least, most; /* INTEGER */
};

/* settings.NAME in a template: one setting, or one per severity. */
struct setting_name {
    const char *name;
    uint8_t     warning, critical; /* the same where severity does not matter */
};

struct limits {
    uint32_t per_minute, per_hour, spacing_ms;
    uint32_t pause_s; /* after "limit" without Retry-After */
    uint32_t timeout_ms, answer_bytes, url_max;
};

/* ---- the whole ---- */

enum ticket_op { OP_FIND, OP_GET, OP_PEOPLE, OP_CREATE, OP_NOTE, OP_CLOSE, OP_EVENT, TICKET_OPS };

struct connector {
    struct text_pool   *pool;
    const char         *name, *title;
    enum dedupe_class   dedupe;
    uint32_t            settle_s;
    struct setting      settings[SETTINGS_LIMIT];
    uint8_t             setting_count;
    struct setting_name setting_names[SETTINGS_LIMIT];
    uint8_t             setting_name_count;
    const char         *groups[GROUPS_LIMIT]; /* "user,password": one of them must be complete */
    uint8_t             group_count;
    struct language     languages[LANGUAGES_LIMIT];
    uint8_t             language_count;
    const char         *found_names[FOUND_LIMIT];
    uint8_t             found_count;
    struct discovery    discovery;
    struct auth         auths[AUTHS_LIMIT];
    uint8_t             auth_count;
    struct template base;
    const struct node     *headers;
    struct needs           always; /* of base, headers and authentication */
    struct pick           *picks;
    uint8_t                pick_count;
    struct rules_of_errors errors;
    struct pointers        error_texts;
    struct limits          limits;
    struct operation       ops[TICKET_OPS];
    bool                   has_op[TICKET_OPS];
    struct operation      *tests;
    uint8_t                test_count;
    struct template ticket_url; /* count 0: none */
    uint8_t found_id;           /* found.id: index in found_names */
};

#endif
