#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <uv.h>

#include "agent/cli/command.h"
#include "proto/json_put.h"
#include "version.h"

enum { PART_COUNT = 5 };

struct part {
    const char *name, *version;
};

/* The versions of what was linked, not of the headers. curl names the TLS library it uses ("mbedTLS/3.6.4"). */
static void list_parts(struct part into[PART_COUNT])
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

    into[0] = (struct part){ "curl", curl->version };
    into[1] = (struct part){ "tls", curl->ssl_version ? curl->ssl_version : "none" };
    into[2] = (struct part){ "cjson", cJSON_Version() };
    into[3] = (struct part){ "libuv", uv_version_string() };
    into[4] = (struct part){ "sqlite", sqlite3_libversion() };
}

static int print_json(const struct part *parts)
{
    struct json_put j;
    struct buf      text;
    struct err      e;

    buf_init(&text, 4096);
    json_put_begin(&j, &text, true);
    json_put_object(&j, NULL);
    json_put_text(&j, "version", PICKET_VERSION);
    json_put_text(&j, "build", PICKET_BUILD);
    json_put_object(&j, "libraries");
    for (size_t i = 0; i < PART_COUNT; i++)
        json_put_text(&j, parts[i].name, parts[i].version);
    json_put_end(&j);
    json_put_end(&j);
    e = json_put_done(&j);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return failed(e) ? EXIT_FAILED : EXIT_DONE;
}

enum { JSON };

static const struct option_row options[] = {
    [JSON] = { "json", 'j', NULL, "as JSON" },
    { 0 },
};

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_version, .argc = argc, .argv = argv };
    struct part        parts[PART_COUNT];
    bool               json = false;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        json = json || option == JSON;
    }
    if (scan.at < argc)
        return usage_error(&command_version, "\"%s\" is one word too many", argv[scan.at]);
    list_parts(parts);
    if (json)
        return print_json(parts);
    printf("picket %s (%s)\n", PICKET_VERSION, PICKET_BUILD);
    for (size_t i = 0; i < PART_COUNT; i++)
        printf("  %-8s%s\n", parts[i].name, parts[i].version);
    return EXIT_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version of picket and of the libraries in it.",
    .usage = "",
    .help = "",
    .options = options,
    .run = run,
};
