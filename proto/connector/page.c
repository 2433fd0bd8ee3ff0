/* Lists that come in pages. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/escape.h"
#include "proto/connector/task.h"

void page_first(struct task *t, const struct paging *paging)
{
    free(t->cursor);
    free(t->next_url);
    t->cursor = t->next_url = NULL;
    t->page = paging->first;
    t->offset = 0;
    t->matches = 0;
    free(t->match_value);
    t->match_value = NULL;
}

/* <https://host/x?page=2>; rel="next", <...>; rel="last" */
static bool link_next(const char *header, const char **ret_url, size_t *ret_len)
{
    while (header && *header) {
        const char *open = strchr(header, '<'), *close = open ? strchr(open, '>') : NULL;
        const char *end = close ? strchr(close, '<') : NULL;
        const char *rel = close ? strstr(close, "rel=") : NULL;

        if (!close)
            return false;
        if (rel && (!end || rel < end) && strncasecmp(rel + 4 + (rel[4] == '"'), "next", 4) == 0) {
            *ret_url = open + 1;
            *ret_len = (size_t)(close - open - 1);
            return true;
        }
        header = end;
    }
    return false;
}

/* The next address or cursor of the answer; empty where it was the last page. */
static struct err next_read(struct task *t, const struct paging *paging, const struct answer *answer, struct buf *into)
{
    const char *url;
    size_t      len;

    if (paging->next.kind == SOURCE_HEADER && strcmp(paging->next.name, "link") == 0)
        return link_next(answer_header(answer, "link"), &url, &len) ? buf_add(into, url, len) : err_ok();
    return source_read(&paging->next, answer, answer->tree, &t->env, into);
}

static bool follow(struct task *t, const struct paging *paging, const char *next, struct verdict *v)
{
    char     **to = paging->kind == PAGING_LINK ? &t->next_url : &t->cursor;
    struct err e;

    if (paging->kind == PAGING_LINK && (!url_ok(next, true) || !url_same_host(next, buf_text(&t->built.url)))) {
        verdict_set(v, MEANS_REFUSED, "the next page is at another host; it was not asked");
        return false;
    }
    if (*to && strcmp(*to, next) == 0) {
        verdict_set(v, MEANS_REFUSED, "the next page is the same page again");
        return false;
    }
    e = text_replace(to, next, strlen(next));
    if (failed(e))
        verdict_set(v, MEANS_RETRY, "out of memory");
    return !failed(e);
}

static bool has_next(struct task *t, const struct paging *paging, const struct answer *answer, size_t count,
                     struct verdict *v)
{
    struct buf next;
    bool       more = false;

    if (paging->kind == PAGING_NUMBER || paging->kind == PAGING_OFFSET)
        return count >= paging->size;
    buf_init(&next, LEARNT_MAX);
    if (failed(next_read(t, paging, answer, &next)))
        verdict_set(v, MEANS_RETRY, "where the next page is could not be read");
    else if (next.len > 0)
        more = follow(t, paging, buf_text(&next), v);
    buf_done(&next);
    return more;
}

bool page_next(struct task *t, const struct paging *paging, const struct answer *answer, size_t count,
               struct verdict *v)
{
    if (paging->kind == PAGING_NONE || !has_next(t, paging, answer, count, v))
        return false;
    if (t->page - paging->first + 1 >= paging->max_pages) {
        verdict_set(v, MEANS_REFUSED, "the list has more than %u pages", paging->max_pages);
        return false;
    }
    t->page++;
    t->offset += paging->size;
    return true;
}
