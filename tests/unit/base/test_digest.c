/* SHA-256 against the examples of FIPS 180-2, appendix B. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "base/digest.h"

/* The digest of `size` bytes, handed over `piece` at a time. */
static void digest_of(const char *bytes, size_t size, size_t piece, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;

    cr_assert(eq(int, cvy_digest_create(&digest), CVY_OK));
    for (size_t i = 0; i < size; i += piece)
        cvy_digest_add(digest, bytes + i, size - i < piece ? size - i : piece);
    cvy_digest_finish(digest, text);
}

Test(digest, gives_the_known_answers_whatever_the_pieces)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= 57; piece += 7) {
            char text[CVY_DIGEST_HEX_BYTES];
            digest_of(cases[i].text, strlen(cases[i].text), piece, text);
            cr_expect(eq(str, text, (char *)cases[i].digest), "%s by %zu", cases[i].text, piece);
        }
}

Test(digest, of_a_million_letters)
{
    static char letters[1000000];
    char text[CVY_DIGEST_HEX_BYTES];

    memset(letters, 'a', sizeof letters);
    digest_of(letters, sizeof letters, 4099, text);
    cr_expect(eq(str, text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

Test(digest, one_bit_changes_it_and_two_can_be_open)
{
    char first[CVY_DIGEST_HEX_BYTES], second[CVY_DIGEST_HEX_BYTES];
    cvy_digest *a, *b;

    cr_assert(eq(int, cvy_digest_create(&a), CVY_OK));
    cr_assert(eq(int, cvy_digest_create(&b), CVY_OK));
    cvy_digest_add(a, "weights0", 8);
    cvy_digest_add(b, "weights1", 8);
    cvy_digest_finish(a, first);
    cvy_digest_finish(b, second);
    cr_expect(ne(str, first, second));
}
