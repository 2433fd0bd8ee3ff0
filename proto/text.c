#include "proto/text.h"

#include <string.h>

/* Bytes of the control character at text, 0 if it is none. */
static size_t control_len(const unsigned char *text)
{
    if (text[0] < 0x20 || text[0] == 0x7f)
        return 1;
    if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f) /* U+0080 to U+009F */
        return 2;
    if (text[0] != 0xe2)
        return 0;
    if (text[1] == 0x80 && (text[2] == 0x8e || text[2] == 0x8f)) /* U+200E, U+200F */
        return 3;
    if (text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) /* U+2028 to U+202E */
        return 3;
    if (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9) /* U+2066 to U+2069 */
        return 3;
    return 0;
}

void text_blank_controls(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c;) {
        size_t len = control_len(c);

        if (len)
            memset(c, ' ', len);
        c += len ? len : 1;
    }
}

char *text_field(char **rest, char separator)
{
    char *first = *rest, *end = first ? strchr(first, separator) : NULL;

    if (end)
        *end++ = '\0';
    *rest = end;
    return first;
}

bool text_has_controls(const char *text, const char *except)
{
    for (; *text; text++)
        if (control_len((const unsigned char *)text) && !strchr(except, *text))
            return true;
    return false;
}

static const char *next_character(const char *text)
{
    text++;
    while ((*text & 0xc0) == 0x80)
        text++;
    return text;
}

bool text_like(const char *text, const char *glob)
{
    const char *star = NULL, *tried = NULL; /* where the last * stands, and what it ends before */

    while (*text) {
        if (*glob == '*') {
            star = glob++;
            tried = text;
        } else if (*glob == '?') {
            glob++;
            text = next_character(text);
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star) {
            tried = next_character(tried);
            text = tried;
            glob = star + 1;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

bool text_like_any(const char *text, const char *globs)
{
    char one[128];

    while (*globs) {
        size_t len = strcspn(globs, " ");

        if (len > 0 && len < sizeof one) {
            memcpy(one, globs, len);
            one[len] = '\0';
            if (text_like(text, one))
                return true;
        }
        globs += len + (globs[len] != '\0');
    }
    return false;
}
