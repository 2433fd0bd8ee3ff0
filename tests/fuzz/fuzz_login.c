/* utmp, wtmp and the files of logind. The first byte picks the parser, the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "platform/linux/login_parse.h"

static void read_records(const char *bytes, size_t len)
{
    size_t       record = login_record_bytes(bytes, len);
    struct login login;

    for (size_t at = 0; record && at < len; at += record) {
        login_parse(bytes + at, record, &login);
        if (strlen(login.user) >= sizeof login.user || strlen(login.host) >= sizeof login.host)
            abort();
    }
    login_end_before(bytes, len, 1700000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t user;
    bool     remote;
    char    *text;

    if (size == 0)
        return 0;
    text = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    if (data[0] == 'r')
        read_records(text, size - 1);
    else
        login_session_parse(text, size - 1, &user, &remote);
    free(text);
    return 0;
}
