#include "base/hash.h"

#include "base/compiler.h"
#include "base/slice.h"
#include "tests/test.h"

/* XXH3 of the empty input, as its specification has it. */
static void test_hash__is_xxh3_without_a_seed(void **state)
{
	struct hash128 h = hash128("", 0);

	(void)state;
	assert_true(hash64("", 0) == UINT64_C(0x2d06800538d394c2));
	assert_true(h.hi == UINT64_C(0x99aa06d3014798d8));
	assert_true(h.lo == UINT64_C(0x6001c324468d497f));
}

static void test_hash__each_byte_counts(void **state)
{
	char text[64] = "";
	uint64_t seen[ARRAY_SIZE(text)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		text[i] = 1;
		seen[i] = hash64(text, sizeof(text));
		text[i] = 0;
		for (size_t j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
}

static void test_hash__depends_on_the_seed(void **state)
{
	(void)state;
	assert_true(hash64_seeded("value", 5, 0) == hash64("value", 5));
	assert_true(hash64_seeded("value", 5, 1) != hash64("value", 5));
	assert_true(hash64_seeded("value", 5, 1) == hash64_seeded("value", 5, 1));
}

TEST_MAIN(TEST(test_hash__is_xxh3_without_a_seed),
	  TEST(test_hash__each_byte_counts), TEST(test_hash__depends_on_the_seed))
