/* What a server says: the lines of a head, as libcurl hands them over, and where a redirect leads. */
#include "platform/http_exchange.c" /* the callbacks are its own */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_head(const uint8_t *bytes, size_t len, struct http_exchange *x)
{
    char *line = malloc(len + 1);

    while (line && len > 0) {
        const uint8_t *end = memchr(bytes, '\n', len);
        size_t         n = end ? (size_t)(end - bytes) + 1 : len;

        memcpy(line, bytes, n); /* a copy of its own size would tell more, libcurl's buffer is larger too */
        if (on_header(line, 1, n, x) != n)
            break;
        bytes += n;
        len -= n;
    }
    free(line);
}

static void check(struct http_exchange *x)
{
    point_at_headers(x);
    for (size_t i = 0; i < x->answer.header_count; i++) {
        const struct http_header *h = &x->answer.headers[i];

        if (strlen(h->name) == 0 || strpbrk(h->name, "\r\n:ABCDEFGHIJKLMNOPQRSTUVWXYZ") || strpbrk(h->value, "\r\n"))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct http_exchange x = { 0 };
    const char          *location;
    char                *target;

    buf_init(&x.head, 2 * HTTP_HEAD_MAX_BYTES);
    buf_init(&x.answer.body, HTTP_BODY_MAX_BYTES);
    read_head(bytes, len, &x);
    check(&x);
    location = http_answer_header(&x.answer, "location");
    target = location ? http_check_redirect("https://a.example/b/c?d", location) : NULL;
    if (target && strncasecmp(target, "https://a.example", 17) != 0)
        abort();
    curl_free(target);
    buf_done(&x.head);
    buf_done(&x.answer.body);
    return 0;
}
