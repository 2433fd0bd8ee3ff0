#include "agent/config_sources.h"

#include <stdio.h>

#include "platform/executable.h"
#include "platform/journal.h"
#include "platform/logfile.h"
#include "platform/user.h"

static bool check_command(const struct config_check *check, size_t i, struct problems *problems)
{
    char       remedy[EXECUTABLE_REMEDY_MAX], path[PROBLEM_PATH_MAX], why[160];
    struct err e = plat_executable_check(check->command[0], remedy);

    if (!failed(e))
        return true;
    snprintf(path, sizeof path, "checks[%zu].command[0]", i);
    problem_add(problems, path, "%s", remedy[0] ? remedy : err_print(e, why, sizeof why));
    return false;
}

static bool check_user(const struct config_check *check, size_t i, struct problems *problems)
{
    struct plat_user user;
    char             path[PROBLEM_PATH_MAX];

    if (!plat_user_is_administrator() || plat_user_find(check->user, &user).code != ERR_NOT_FOUND)
        return true;
    snprintf(path, sizeof path, "checks[%zu].user", i);
    problem_add(problems, path, "there is no account \"%s\" here", check->user);
    return false;
}

/* What it would say of itself at work. */
static struct err try_log(const struct config_log *log)
{
    struct plat_logfile_at at;
    uint64_t               stamp;
    int                    file = -1;
    struct err             e = log->file ? plat_logfile_open(log->file, &file, &at) : plat_journal_stamp(&stamp);

    plat_logfile_close(&file);
    return e;
}

static bool check_log(const struct config_log *log, size_t i, struct problems *problems)
{
    struct err e = try_log(log);
    char       path[PROBLEM_PATH_MAX], why[160];

    if (!failed(e) || (log->file && log->optional && e.code == ERR_NOT_FOUND))
        return true;
    snprintf(path, sizeof path, "logs[%zu].%s", i, log->file ? "file" : "journal");
    if (log->file && e.code == ERR_NOT_FOUND)
        problem_add(problems, path, "there is no %s: correct the path, or say that it may be missing: \"optional\": true",
                    log->file);
    else
        problem_add(problems, path, "%s", e.os ? err_print(e, why, sizeof why) : e.step);
    return false;
}

bool config_sources_check(const struct config *config, struct problems *problems)
{
    bool good = true;

    for (size_t i = 0; i < config->check_count; i++) {
        good = check_command(&config->checks[i], i, problems) && good;
        good = check_user(&config->checks[i], i, problems) && good;
    }
    for (size_t i = 0; i < config->log_count; i++)
        good = check_log(&config->logs[i], i, problems) && good;
    return !good;
}
