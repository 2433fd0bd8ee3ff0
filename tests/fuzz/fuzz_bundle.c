/* What a support bundle gives away: the first line is a secret, the rest is a text (a log, a status) and a configuration. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/bundle/sieve.h"
#include "proto/config_mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

/* What stands for a secret begins and ends with no letter, so none of letters alone can come about beside it. */
static bool must_be_gone(const char *secret)
{
    size_t len = strlen(secret);

    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)secret[i]))
            return false;
    return len >= SIEVE_LEAST_BYTES && len < 200;
}

static void sift(const char *secret, const char *text, size_t len)
{
    struct sieve *sieve = NULL;
    struct buf    out;

    if (failed(sieve_new(&sieve)))
        return;
    buf_init(&out, 1 << 20);
    sieve_add(sieve, secret);
    sieve_add_links(sieve, text);
    if (!failed(sieve_put(sieve, text, len, &out)) && must_be_gone(secret) && out.len &&
        memmem(out.data, out.len, secret, strlen(secret)))
        abort();
    buf_done(&out);
    sieve_free(&sieve);
}

static void on_left_out(void *context, const char *value)
{
    sieve_add(context, value);
}

static void mask(const char *text, size_t len, bool good)
{
    struct sieve *sieve = NULL;
    struct buf    out;

    if (failed(sieve_new(&sieve)))
        return;
    buf_init(&out, 1 << 20);
    if (failed(config_mask(text, len, good, on_left_out, sieve, &out)) && out.len)
        abort();
    buf_done(&out);
    sieve_free(&sieve);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line_end = memchr(data, '\n', size);
    size_t         secret_len = line_end ? (size_t)(line_end - data) : 0, at = line_end ? secret_len + 1 : 0;
    char          *secret = strndup((const char *)data, secret_len), *text = malloc(size - at + 1);

    if (secret && text) {
        memcpy(text, data + at, size - at);
        text[size - at] = '\0';
        sift(secret, text, size - at);
        mask(text, size - at, false);
        mask(text, size - at, true);
    }
    free(secret);
    free(text);
    return 0;
}
