#include "agent/collect/check_run.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/executable.h"
#include "platform/program.h"
#include "proto/json.h"
#include "proto/text.h"

enum { OUTPUT_MAX = 64 * 1024 };

/* Large, and used by one at a time: the loop's. */
static struct plugin_output output;

static void set_text(const char *text, size_t len)
{
    utf8_copy(output.text, sizeof output.text, text, len);
    text_blank_controls(output.text);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    char    text[2 * PLUGIN_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_text(text, strlen(text));
}

static void refuse(struct check_run *run, struct err e, const char *remedy)
{
    char why[160];

    output.count = output.malformed = 0;
    if (remedy[0])
        say("not run: %s", remedy);
    else
        say("not run: %s", err_print(e, why, sizeof why));
    run->on_end(run, PLUGIN_UNKNOWN, NAN, &output);
}

/* ---- what came of it ---- */

/* Nothing on standard output: perhaps it complained. */
static void take_complaint(const struct plat_program_result *r)
{
    size_t len = strcspn(r->err_text, "\r\n");

    set_text(r->err_text, len);
    if (output.text[0] == '\0')
        say("(it printed nothing)");
}

static enum plugin_state judge(const struct check_run *run, const struct plat_program_result *r)
{
    char end[80], text[PLUGIN_TEXT_MAX];

    if (r->end == PROGRAM_TIMED_OUT) {
        output.count = 0;
        say("no end within %u s: it was killed, with all that it started (timeout_s)", (unsigned)run->config->timeout_s);
        return PLUGIN_UNKNOWN;
    }
    if (r->end == PROGRAM_EXITED && r->status >= PLUGIN_OK && r->status <= PLUGIN_UNKNOWN)
        return (enum plugin_state)r->status;
    memcpy(text, output.text, sizeof text);
    say("%s, which no plugin ends with: %s", plat_program_end_print(r, end, sizeof end), text);
    return PLUGIN_UNKNOWN;
}

static void on_done(void *context, const struct plat_program_result *r)
{
    struct check_run *run = context;
    size_t            len = r->out_len;
    enum plugin_state state;

    while (r->out_cut && len > 0 && !strchr(" \t\r\n", r->out[len - 1]))
        len--; /* a figure that was cut would be another figure */
    plugin_parse(r->out, len, &output);
    if (output.text[0] == '\0')
        take_complaint(r);
    state = judge(run, r);
    run->on_end(run, state, (double)r->took_ms / 1000, &output);
    plat_program_close(&run->program);
    run->on_rest(run);
}

/* ---- may it be run, and as whom ---- */

/* "user" is heeded where we may become somebody else. */
static struct err find_user(const struct check_run *run, struct plat_user *user, const struct plat_user **ret, char *remedy)
{
    struct err e;

    *ret = NULL;
    if (!plat_user_is_administrator())
        return err_ok();
    e = plat_user_find(run->config->user, user);
    if (e.code == ERR_NOT_FOUND)
        snprintf(remedy, EXECUTABLE_REMEDY_MAX, "there is no account %s: name one in \"user\"", run->config->user);
    if (!failed(e) && user->id != 0)
        *ret = user;
    return e;
}

/* A script that root is to run is as good as a program, though its interpreter's name stands first. */
static bool is_interpreter(const char *path)
{
    static const char *const names[] = { "sh", "bash", "dash", "python", "perl", "ruby", "php", "node", "lua" };
    const char              *slash = strrchr(path, '/');
    const char              *name = slash ? slash + 1 : path;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);

        if (strncmp(name, names[i], len) == 0 && name[len + strspn(name + len, "0123456789.")] == '\0')
            return true;
    }
    return false;
}

static struct err check_files(const struct check_run *run, bool as_root, char *remedy)
{
    const char *const *args = run->config->command;
    struct err         e = plat_executable_check(args[0], remedy);

    if (failed(e) || !as_root || !is_interpreter(args[0]))
        return e;
    for (size_t i = 1; args[i] && !failed(e); i++)
        if (args[i][0] == '/')
            e = plat_script_check(args[i], remedy);
    return e;
}

bool check_run_start(struct check_run *run, uv_loop_t *loop, check_run_end_fn *on_end, void (*on_rest)(void *run))
{
    char                        remedy[EXECUTABLE_REMEDY_MAX] = "";
    struct plat_user            user;
    struct plat_program_options o = {
        .args = run->config->command,
        .timeout_ms = run->config->timeout_s * 1000,
        .output_max = OUTPUT_MAX,
        .on_done = on_done,
        .context = run,
    };
    struct err e;

    run->on_end = on_end;
    run->on_rest = on_rest;
    e = find_user(run, &user, &o.become, remedy);
    if (!failed(e))
        e = check_files(run, plat_user_is_administrator() && !o.become, remedy);
    if (!failed(e))
        e = plat_program_start(loop, &o, &run->program);
    if (failed(e))
        refuse(run, e, remedy);
    return !failed(e);
}

bool check_run_runs(const struct check_run *run)
{
    return run->program != NULL;
}

void check_run_stop(struct check_run *run)
{
    plat_program_close(&run->program);
}
