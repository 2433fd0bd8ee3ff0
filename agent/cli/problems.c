#include "agent/cli/problems.h"

#include "agent/cli/print.h"

void problems_print(FILE *out, const char *file, const struct problems *problems)
{
    size_t count = problems->count + problems->omitted;
    char   path[2 * PROBLEM_PATH_MAX], text[2 * PROBLEM_TEXT_MAX];

    fprintf(out, "%s: %zu mistake%s\n", file, count, count == 1 ? "" : "s");
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];

        fprintf(out, "  %s%s%s\n", text_tame(p->path, path, sizeof path), p->path[0] ? ": " : "",
                text_tame(p->text, text, sizeof text));
    }
    if (problems->omitted)
        fprintf(out, "  and %zu more\n", problems->omitted);
}
