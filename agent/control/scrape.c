#include "agent/control/scrape.h"

#include <stdlib.h>

#include "agent/control/exposition.h"
#include "platform/control.h"
#include "proto/prometheus.h"

enum { SCRAPERS_MAX = 4, HEAD_MAX_BYTES = 8 * 1024, LINES_MAX_BYTES = 512 };

struct scrape {
    const struct agent_state *state;
    struct plat_control      *control;
};

/* What is said to each wish; text is the body where it is not the figures. */
static const struct {
    const char *status, *text;
} answers[] = {
    [SCRAPE_METRICS] = { "200 OK", "" },
    [SCRAPE_OTHER_PATH] = { "404 Not Found", "Only /metrics is here.\n" },
    [SCRAPE_OTHER_METHOD] = { "405 Method Not Allowed\r\nAllow: GET", "Only GET is answered.\n" },
    [SCRAPE_MALFORMED] = { "400 Bad Request", "That was no HTTP request.\n" },
};

static void answer(struct scrape *s, struct plat_control_link *link, enum scrape_wish wish)
{
    struct buf head, body;
    struct err e;

    buf_init(&head, LINES_MAX_BYTES);
    buf_init(&body, EXPOSITION_MAX_BYTES);
    e = wish == SCRAPE_METRICS ? exposition_print(s->state, &body) : buf_add_text(&body, answers[wish].text);
    if (!failed(e))
        e = buf_printf(&head, "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                       answers[wish].status, PROMETHEUS_CONTENT_TYPE, body.len);
    if (!failed(e))
        e = plat_control_link_send(link, head.data, head.len);
    if (!failed(e))
        (void)plat_control_link_send(link, body.data, body.len);
    buf_done(&head);
    buf_done(&body);
    plat_control_link_end(link);
}

static size_t on_input(void *context, struct plat_control_link *link, const void *bytes, size_t len)
{
    enum scrape_wish wish = scrape_read(bytes, len);

    if (wish == SCRAPE_UNFINISHED)
        return 0;
    answer(context, link, wish);
    return len;
}

struct err scrape_open(uv_loop_t *loop, const struct agent_state *state, struct scrape **ret)
{
    struct scrape              *s = calloc(1, sizeof *s);
    struct plat_control_options o = { .path = state->paths.metrics,
                                      .links_max = SCRAPERS_MAX,
                                      .input_max = HEAD_MAX_BYTES,
                                      .output_max = EXPOSITION_MAX_BYTES + LINES_MAX_BYTES,
                                      .on_input = on_input,
                                      .context = s };
    struct err                  e;

    if (!s)
        return err_of(ERR_NO_MEMORY, "opening the socket for scrapers");
    s->state = state;
    e = plat_control_open(loop, &o, &s->control);
    if (failed(e))
        free(s);
    else
        *ret = s;
    return e;
}

void scrape_close(struct scrape **scrape)
{
    if (!*scrape)
        return;
    plat_control_close(&(*scrape)->control);
    free(*scrape);
    *scrape = NULL;
}
