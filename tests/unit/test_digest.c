/* SHA-256 by the examples of FIPS 180-4. */
#include "proto/digest.h"

#include "check.h"

static void known_texts_have_known_digests(void **state)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[DIGEST_TEXT_BYTES];

        digest_sha256_text(cases[i].text, strlen(cases[i].text), text);
        assert_string_equal(text, cases[i].digest);
    }
}

static void hex_has_two_digits_a_byte(void **state)
{
    static const uint8_t bytes[] = { 0, 1, 0x7f, 0x80, 0xff };
    char                 text[11];

    (void)state;
    digest_hex(bytes, sizeof bytes, text);
    assert_string_equal(text, "00017f80ff");
    digest_hex(bytes, 0, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_known_digests),
        cmocka_unit_test(hex_has_two_digits_a_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
