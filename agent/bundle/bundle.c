#include "agent/bundle/bundle.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/bundle/sieve.h"
#include "agent/config_load.h"
#include "agent/inventory/gather.h"
#include "agent/inventory/json.h"
#include "agent/paths.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/loop.h"
#include "platform/program.h"
#include "proto/config_mask.h"
#include "proto/ustar.h"

enum { PART_MAX_BYTES = 8 * 1024 * 1024, CONFIG_MAX_BYTES = 1024 * 1024, OUR_PATH_MAX = 1024 };

struct bundle {
    const struct bundle_options *options;
    const char                  *name; /* the folder in it */
    bundle_file_fn              *on_file;
    void                        *context;
    struct buf                  *tar;
    struct sieve                *sieve;
    struct paths                 paths;
    struct problems              problems;
    uv_loop_t                    loop;
    char                         ourselves[OUR_PATH_MAX];
    struct buf                   text; /* of the part that is being made */
};

/* ---- the parts ---- */

/* Our own commands; "@config", "@state" and "@offline" stand for the options of that name, if they were given. */
static const struct command_part {
    const char *file, *help;
    const char *words[8]; /* the first NULL: this program */
    uint32_t    limit_s;
} command_parts[] = {
    { "version.json", "which picket, which libraries", { "", "version", "--json" }, 10 },
    { "status.json",
      "the running agent: figures, alerts, upstreams, outbox",
      { "", "status", "--json", "@state" },
      30 },
    { "check.json", "one reading against every rule", { "", "check", "--json", "@config" }, 60 },
    { "doctor.json",
      "what is wrong, from the disk to the upstreams",
      { "", "doctor", "--json", "@config", "@state", "@offline" },
      200 },
    { "rules.json", "the rules in force", { "", "config", "rules", "--json", "@config" }, 10 },
    { "log.txt",
      "the last lines of the agent's log (journalctl)",
      { "journalctl", "--no-pager", "--unit=picket", "--lines=2000", "--output=short-iso" },
      30 },
};

static const char about[] =
    "What this machine's picket was, for whoever is to help with it.\n"
    "\n"
    "Left out: values of upstreams' settings, arguments of checks, secrets, passwords in links; user accounts, groups "
    "and\n"
    "administrators (empty in inventory.json), serial numbers and other values that not everybody on the machine may "
    "see.\n"
    "Still in it: names of this machine, of the client and of interfaces, addresses, mount points, installed "
    "packages,\n"
    "texts of alerts, and what the configuration says beside secrets. Look before you send it.\n";

/* What was made goes in, sieved, and is cleared. */
static struct err put_part(struct bundle *b, const char *file, const char *help)
{
    char       path[2 * BUNDLE_NAME_MAX];
    struct buf clean;
    struct err e;

    buf_init(&clean, PART_MAX_BYTES + 1024);
    e = sieve_put(b->sieve, buf_text(&b->text), b->text.len, &clean);
    snprintf(path, sizeof path, "%.60s/%.30s", b->name, file);
    if (!failed(e))
        e = ustar_put(b->tar, path, plat_clock_wall_ms() / 1000, buf_text(&clean), clean.len);
    if (!failed(e))
        b->on_file(b->context, file, clean.len, help);
    buf_done(&clean);
    buf_clear(&b->text);
    return e;
}

/* ---- of programs ---- */

static void on_done(void *context, const struct plat_program_result *result)
{
    struct bundle *b = context;
    char           how[80];

    if (result->out_len) {
        (void)buf_add(&b->text, result->out, result->out_len);
        return;
    }
    (void)buf_printf(&b->text, "nothing was printed: %s\n%s", plat_program_end_print(result, how, sizeof how),
                     result->err_text);
}

/* "@config" becomes two words or none. */
static void put_word(const struct bundle *b, const char *word, const char *args[], size_t *count)
{
    const struct {
        const char *word, *option, *value;
    } options[] = { { "@config", "--config", b->options->config }, { "@state", "--state", b->options->state } };

    if (strcmp(word, "@offline") == 0) {
        if (b->options->offline)
            args[(*count)++] = "--offline";
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (strcmp(word, options[i].word) == 0) {
            if (options[i].value) {
                args[(*count)++] = options[i].option;
                args[(*count)++] = options[i].value;
            }
            return;
        }
    args[(*count)++] = word[0] ? word : b->ourselves;
}

static struct err put_command(struct bundle *b, const struct command_part *part)
{
    const char                 *args[PROGRAM_ARGS_MAX] = { NULL };
    size_t                      count = 0;
    struct plat_program_options o = { .args = args,
                                      .keep_environment = true,
                                      .timeout_ms = part->limit_s * 1000,
                                      .output_max = PART_MAX_BYTES,
                                      .on_done = on_done,
                                      .context = b };
    struct plat_program        *program = NULL;
    char                        why[160];
    struct err                  e;

    for (size_t i = 0; i < ARRAY_LEN(part->words) && part->words[i]; i++)
        put_word(b, part->words[i], args, &count);
    e = plat_program_start(&b->loop, &o, &program);
    if (failed(e))
        (void)buf_printf(&b->text, "not to be had: %s\n", err_print(e, why, sizeof why));
    else
        uv_run(&b->loop, UV_RUN_DEFAULT);
    plat_program_close(&program);
    uv_run(&b->loop, UV_RUN_DEFAULT);
    return put_part(b, part->file, part->help);
}

/* ---- the configuration, and what is secret in it ---- */

static void on_left_out(void *context, const char *value)
{
    sieve_add(((struct bundle *)context)->sieve, value);
}

static void know_file(struct sieve *sieve, const char *path)
{
    struct buf secret;

    buf_init(&secret, 64 * 1024);
    if (!failed(plat_file_read(path, &secret)))
        sieve_add(sieve, buf_text(&secret));
    if (secret.data)
        memset(secret.data, 0, secret.len);
    buf_done(&secret);
}

static void know_files(struct sieve *sieve, const struct config *config)
{
    for (size_t u = 0; u < config->upstream_count; u++)
        for (size_t s = 0; s < config->upstreams[u].setting_count; s++)
            if (config->upstreams[u].settings[s].file)
                know_file(sieve, config->upstreams[u].settings[s].file);
}

static void know_environment(struct sieve *sieve)
{
    static const char *const names[] = { "https_proxy", "http_proxy", "all_proxy",
                                         "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char   value[2048];
        size_t size = sizeof value;

        if (uv_os_getenv(names[i], value, &size) == 0)
            sieve_add_links(sieve, value);
    }
}

/* First of all, so that the sieve knows what is secret; what it yields is put in with the others. */
static void read_configuration(struct bundle *b, const char *path, struct buf *masked)
{
    char           origin[FILE_PATH_BYTES + 64], why[160];
    struct config *config = NULL;
    struct buf     text;
    struct err     e;

    know_environment(b->sieve);
    buf_init(&text, CONFIG_MAX_BYTES);
    e = plat_file_read(path, &text);
    if (!failed(e)) {
        (void)config_load(path, true, &b->problems, origin, sizeof origin, &config);
        if (config)
            know_files(b->sieve, config);
        sieve_add_links(b->sieve, buf_text(&text));
        e = config_mask(buf_text(&text), text.len, config != NULL, on_left_out, b, masked);
    }
    if (failed(e))
        (void)buf_printf(masked, "not shown: %s\n", err_print(e, why, sizeof why));
    config_free(&config);
    buf_done(&text);
}

/* ---- the inventory ---- */

static bool put_row(void *context, int section, const char *row)
{
    char copy[INVENTORY_ROW_MAX + 1];

    if (section == INVENTORY_USERS || section == INVENTORY_GROUPS || section == INVENTORY_ADMINISTRATORS)
        return true;
    snprintf(copy, sizeof copy, "%s", row);
    inventory_blank(inventory_kinds_of(section), copy);
    inventory_json_row(context, section, copy);
    return true;
}

static struct err put_inventory(struct bundle *b)
{
    struct inventory      d;
    struct inventory_json out = { .only = 0 };
    struct json_put       j;
    struct err            e;
    char                  why[160];

    inventory_init(&d);
    e = inventory_gather("", &d);
    if (!failed(e)) {
        json_put_begin(&j, &b->text, true);
        inventory_json_begin(&out, &j, 0);
        inventory_each(&d, put_row, &out);
        inventory_json_end(&out);
        e = json_put_done(&j);
    }
    if (failed(e)) {
        buf_clear(&b->text);
        (void)buf_printf(&b->text, "not to be had: %s\n", err_print(e, why, sizeof why));
    }
    inventory_done(&d);
    return put_part(b, "inventory.json", "hardware, system, packages, services; no accounts");
}

/* ---- all of it ---- */

void bundle_name(char into[BUNDLE_NAME_MAX])
{
    char   host[64] = "machine", when[CLOCK_TEXT_BYTES], stamp[CLOCK_TEXT_BYTES];
    size_t size = sizeof host, len = 0;

    (void)uv_os_gethostname(host, &size);
    for (char *at = host; *at; at++)
        *at = (char)(isalnum((unsigned char)*at) || *at == '.' ? *at : '-');
    plat_clock_print(plat_clock_wall_ms(), when);
    for (const char *at = when; *at; at++)
        if (*at != '-' && *at != ':')
            stamp[len++] = *at;
    stamp[len] = '\0';
    snprintf(into, BUNDLE_NAME_MAX, "picket-support-%.30s-%s", host, stamp);
}

static struct err put_all(struct bundle *b)
{
    const char *config = b->options->config ? b->options->config : b->paths.config;
    struct buf  masked;
    struct err  e;

    buf_init(&masked, 2 * CONFIG_MAX_BYTES);
    read_configuration(b, config, &masked);
    (void)buf_add_text(&b->text, about);
    e = put_part(b, "about.txt", "what was left out, and what was not");
    for (size_t i = 0; i < ARRAY_LEN(command_parts) && !failed(e); i++)
        e = put_command(b, &command_parts[i]);
    if (!failed(e))
        e = put_inventory(b);
    if (!failed(e)) {
        (void)buf_add(&b->text, buf_text(&masked), masked.len);
        e = put_part(b, "configuration.json", "without the values of settings and the arguments of checks");
    }
    buf_done(&masked);
    return failed(e) ? e : ustar_end(b->tar);
}

struct err bundle_make(const struct bundle_options *options, const char *name, bundle_file_fn *on_file, void *context,
                       struct buf *into)
{
    static struct bundle b; /* problems are large */
    size_t               size = sizeof b.ourselves;
    struct err           e = plat_loop_init(&b.loop);
    bool                 has_loop = !failed(e);
    int                  status;

    b.options = options;
    b.name = name;
    b.on_file = on_file;
    b.context = context;
    b.tar = into;
    buf_init(&b.text, PART_MAX_BYTES);
    if (!failed(e))
        e = paths_find(options->state, &b.paths);
    if (!failed(e) && (status = uv_exepath(b.ourselves, &size)) != 0)
        e = err_from_os(status, "finding our own program");
    if (!failed(e))
        e = sieve_new(&b.sieve);
    if (!failed(e))
        e = put_all(&b);
    sieve_free(&b.sieve);
    buf_done(&b.text);
    if (has_loop)
        (void)uv_loop_close(&b.loop);
    return e;
}
