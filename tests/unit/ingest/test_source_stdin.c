/* tests of ingest/source_stdin.c */
#include "ingest/source_stdin.h"

#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/ingest/helper_ingest.h"

static void test_source_stdin__reads_a_pipe_to_its_end(void **state)
{
	struct ingest_source *s;
	struct fixture f;
	int ends[2];

	(void)state;
	fixture_init(&f);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(ingest_stdin_open(&s, ends[0], f.events, NULL), 0);
	assert_string_equal(fixture_hear(&f, s, 9), "idle");
	assert_int_equal(write(ends[1], "one\ntw", 6), 6);
	assert_string_equal(fixture_hear(&f, s, 9), "0:one idle");
	assert_int_equal(write(ends[1], "o\n\nrest", 7), 7);
	assert_string_equal(fixture_hear(&f, s, 9), "4:two idle");
	fixture_commit(&f, s);
	close(ends[1]);
	assert_string_equal(fixture_hear(&f, s, 9), "9:rest end");
	s->ops->close(s);
	close(ends[0]);
	assert_string_equal(fixture_positions(&f), "");
	fixture_release(&f);
}

TEST_MAIN(TEST(test_source_stdin__reads_a_pipe_to_its_end))
