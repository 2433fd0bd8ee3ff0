#include <stdlib.h>
#include <string.h>

#include "packaging/manual/manual.h"
#include "version.h"

enum { LINE_MAX_BYTES = 512 };

static const struct {
    const char *line;
    bool (*print)(FILE *out);
} parts[] = {
    { "@COMMANDS@\n", manual_commands },
    { "@SETTINGS@\n", manual_settings },
    { "@COMPLETION@\n", manual_completion },
};

static bool put_line(const char *line, FILE *out)
{
    const char *version = strstr(line, "@VERSION@");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].line, line) == 0)
            return parts[i].print(out);
    if (version)
        fprintf(out, "%.*s%s%s", (int)(version - line), line, PICKET_VERSION, version + strlen("@VERSION@"));
    else
        fputs(line, out);
    return true;
}

/* picket-manual TEMPLATE PAGE: writes the page. */
int main(int argc, char **argv)
{
    char  line[LINE_MAX_BYTES];
    FILE *template = argc == 3 ? fopen(argv[1], "r") : NULL;
    FILE *page = template ? fopen(argv[2], "w") : NULL;
    bool  good = page != NULL;

    if (!good)
        fputs("usage: picket-manual TEMPLATE PAGE\n", stderr);
    while (good && fgets(line, sizeof line, template))
        good = put_line(line, page);
    if (template)
        fclose(template);
    if (page && fclose(page) != 0)
        good = false;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
