/* The libraries we link are the ones, and are built the way, that the rest of the code relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>
#include <sqlite3.h>
#include <uv.h>

static void headers_and_libraries_are_of_one_version(void **state)
{
    char mbedtls[32];

    (void)state;
    mbedtls_version_get_string(mbedtls);
    assert_string_equal(mbedtls, MBEDTLS_VERSION_STRING);
    assert_string_equal(curl_version_info(CURLVERSION_NOW)->version, LIBCURL_VERSION);
    assert_string_equal(sqlite3_libversion(), SQLITE_VERSION);
    assert_int_equal(uv_version(), UV_VERSION_HEX);
}

static void curl_speaks_https_and_resolves_off_the_loop(void **state)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    int                           https = 0;

    (void)state;
    for (const char *const *p = info->protocols; *p; p++)
        https |= strcmp(*p, "https") == 0;
    assert_true(https);
    assert_true(info->features & CURL_VERSION_SSL);
    assert_true(info->features & CURL_VERSION_ASYNCHDNS);
    assert_true(info->features & CURL_VERSION_IPV6);
    assert_true(info->features & CURL_VERSION_UNIX_SOCKETS);
}

/* The configuration is part of mbedTLS's ABI: another view of it than the library's shows here first. */
static void mbedtls_offers_tls_1_3_and_p_256(void **state)
{
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config  config;

    (void)state;
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_config_init(&config);
    assert_int_equal(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT,
                                                 MBEDTLS_SSL_TRANSPORT_STREAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    mbedtls_ssl_conf_rng(&config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_3);
    assert_int_equal(mbedtls_ssl_setup(&ssl, &config), 0);
    assert_non_null(mbedtls_ecp_curve_info_from_grp_id(MBEDTLS_ECP_DP_SECP256R1));
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config);
    mbedtls_psa_crypto_free();
}

static void sqlite_is_safe_for_the_worker_threads(void **state)
{
    (void)state;
    assert_true(sqlite3_threadsafe());
    assert_false(sqlite3_compileoption_used("OMIT_WAL"));
}

static void cjson_and_uv_answer(void **state)
{
    cJSON    *json = cJSON_Parse("{\"a\":[1,2]}");
    uv_loop_t loop;

    (void)state;
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "a")), 2);
    cJSON_Delete(json);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_and_libraries_are_of_one_version),
        cmocka_unit_test(curl_speaks_https_and_resolves_off_the_loop),
        cmocka_unit_test(mbedtls_offers_tls_1_3_and_p_256),
        cmocka_unit_test(sqlite_is_safe_for_the_worker_threads),
        cmocka_unit_test(cjson_and_uv_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
