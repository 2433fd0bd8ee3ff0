#include "platform/err.h"

#include <stdio.h>
#include <uv.h>

static const struct {
    const char     *name, *text;
    enum err_advice advice;
} table[ERR_CODES] = {
#define X(code, advice, text) [ERR_##code] = { #code, text, ADVICE_##advice },
    ERR_TABLE(X)
#undef X
};

static enum err_code code_of(int uv)
{
    switch (uv) {
    case UV_ENOMEM:
        return ERR_NO_MEMORY;
    case UV_ETIMEDOUT:
        return ERR_TIMED_OUT;
    case UV_EBUSY:
    case UV_EAGAIN:
    case UV_EADDRINUSE:
        return ERR_BUSY;
    case UV_ENOSPC:
        return ERR_NO_SPACE;
    case UV_EROFS:
        return ERR_READ_ONLY;
    case UV_EACCES:
    case UV_EPERM:
        return ERR_DENIED;
    case UV_ENOENT:
    case UV_ENOTDIR:
    case UV_ESRCH:
        return ERR_NOT_FOUND;
    case UV_ENOSYS:
    case UV_ENOTSUP:
        return ERR_UNSUPPORTED;
    case UV_EMSGSIZE:
    case UV_EFBIG:
    case UV_ENAMETOOLONG:
        return ERR_TOO_BIG;
    default:
        return ERR_OS;
    }
}

struct err err_from_os(int os, const char *step)
{
    int uv = os > 0 ? uv_translate_sys_error(os) : os;

    if (uv == 0)
        uv = UV_UNKNOWN;
    return (struct err){ code_of(uv), uv, step };
}

enum err_advice err_advice(enum err_code code)
{
    return table[code].advice;
}

const char *err_name(enum err_code code)
{
    return table[code].name;
}

const char *err_text(enum err_code code)
{
    return table[code].text;
}

const char *err_print(struct err e, char *into, size_t size)
{
    const char *step = e.step ? e.step : "";
    const char *colon = e.step ? ": " : "";
    char        name[32], text[96];

    if (e.os)
        snprintf(into, size, "%s%s%s (%s: %s)", step, colon, err_text(e.code),
                 uv_err_name_r(e.os, name, sizeof name), uv_strerror_r(e.os, text, sizeof text));
    else
        snprintf(into, size, "%s%s%s", step, colon, err_text(e.code));
    return into;
}
