#include "agent/alert/alert.h"

#include <stdio.h>
#include <string.h>

#include "proto/digest.h"

/* A zero byte ends each part: no two keys look alike. */
static size_t add(char *bytes, size_t len, size_t most, const char *part)
{
    size_t part_len = strnlen(part, most);

    memcpy(bytes + len, part, part_len);
    bytes[len + part_len] = '\0';
    return len + part_len + 1;
}

void alert_ref_make(const char *device_id, const char *rule, const char *instance, char *ref)
{
    char    key[DEVICE_ID_MAX + RULE_NAME_MAX + INSTANCE_MAX + 3];
    uint8_t digest[DIGEST_BYTES];
    char    hex[17];
    size_t  len = add(key, 0, DEVICE_ID_MAX, device_id);

    len = add(key, len, RULE_NAME_MAX, rule);
    len = add(key, len, INSTANCE_MAX, instance);
    digest_sha256(key, len, digest);
    digest_hex(digest, 8, hex);
    snprintf(ref, ALERT_REF_MAX, "picket-%s", hex);
}
