#include "base/compiler.h"
#include "base/crc32c_int.h"
#include "base/hash.h"
#include "tests/test.h"

typedef uint32_t crc_fn(uint32_t crc, const void *p, size_t len);

static crc_fn *const ways[] = { crc32c, crc32c_portable };

/* RFC 3720, appendix B.4, and the check value of the polynomial. */
static void test_crc32c__gives_the_published_values(void **state)
{
	unsigned char zeros[32] = { 0 }, ones[32], up[32], down[32];

	(void)state;
	for (unsigned i = 0; i < 32; i++) {
		ones[i] = 0xff;
		up[i] = (unsigned char)i;
		down[i] = (unsigned char)(31 - i);
	}
	for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
		test_row("way %zu", w);
		assert_int_equal(ways[w](0, zeros, 32), 0x8a9136aa);
		assert_int_equal(ways[w](0, ones, 32), 0x62a8ab43);
		assert_int_equal(ways[w](0, up, 32), 0x46dd794e);
		assert_int_equal(ways[w](0, down, 32), 0x113fdb5c);
		assert_int_equal(ways[w](0, "123456789", 9), 0xe3069283);
		assert_int_equal(ways[w](0, "", 0), 0);
	}
}

static void test_crc32c__both_ways_agree_at_each_length_and_start(void **state)
{
	unsigned char text[128];

	(void)state;
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 73 + 5);
	for (size_t start = 0; start < 9; start++) {
		for (size_t len = 0; start + len <= sizeof(text); len++) {
			uint32_t whole = crc32c(7, text + start, len);

			assert_int_equal(whole,
					 crc32c_portable(7, text + start, len));
			/* In two parts it is the same. */
			assert_int_equal(
				crc32c(crc32c(7, text + start, len / 3),
				       text + start + len / 3, len - len / 3),
				whole);
		}
	}
}

TEST_MAIN(TEST(test_crc32c__gives_the_published_values),
	  TEST(test_crc32c__both_ways_agree_at_each_length_and_start))
