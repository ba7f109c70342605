/* tests of ingest/source_spool.c */
#include "ingest/source_spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "tests/test.h"
#include "tests/unit/ingest/helper_ingest.h"

#define U1 "spool/11111111-1111-4111-8111-111111111111"
#define U2 "spool/22222222-2222-4222-8222-222222222222"

static void begin(struct fixture *f)
{
	fixture_init(f);
	assert_int_equal(mkdir(fixture_path(f, "spool"), 0700), 0);
}

static struct ingest_source *open_spool(struct fixture *f)
{
	static char dir[128];
	struct ingest_spool_options o = {
		.name = "spool:x", .dir = dir, .dataset = f->events,
		.store = f->store, .once = true,
	};
	struct ingest_source *s;
	struct err err = ERR_INIT;

	snprintf(dir, sizeof(dir), "%s", fixture_path(f, "spool"));
	if (ingest_spool_open(&s, &o, &err) < 0)
		fail_msg("%s", err.message);
	return s;
}

/* One run to the end: the messages alone. */
static const char *run(struct fixture *f)
{
	const struct timespec nap = { .tv_nsec = 10 * NS_PER_MS };
	struct ingest_source *s = open_spool(f);
	static char said[4096];
	size_t n = 0;
	int i;

	said[0] = '\0';
	for (i = 0; i < 5000; i++) {
		const char *h = fixture_hear(f, s, 1);

		if (strcmp(h, "end") == 0)
			break;
		if (strcmp(h, "moved") == 0)
			fixture_commit(f, s);
		else if (strcmp(h, "idle") == 0)
			nanosleep(&nap, NULL);
		else
			n += (size_t)snprintf(said + n, sizeof(said) - n, "%s", h);
	}
	assert_true(i < 5000);
	s->ops->close(s);
	return said;
}

static bool is_there(struct fixture *f, const char *name)
{
	return access(fixture_path(f, name), F_OK) == 0;
}

static void test_source_spool__is_read_in_order_and_emptied(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-10.ndjson", "c\nd\n");
	fixture_write(&f, U2 "-7.ndjson", "e\n");
	fixture_write(&f, U1 "-9.ndjson", "a\nb\n");
	fixture_write(&f, "spool/other", "x\n");
	assert_string_equal(run(&f), "0:a 2:b 0:c 2:d 0:e ");
	assert_false(is_there(&f, U1 "-9.ndjson"));
	assert_false(is_there(&f, U2 "-7.ndjson"));
	assert_true(is_there(&f, "spool/other"));
	fixture_release(&f);
}

static void test_source_spool__goes_on_inside_a_file(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-0.ndjson", "a\nb\nc\n");
	s = open_spool(&f);
	assert_string_equal(fixture_hear(&f, s, 2), "0:a 2:b ");
	fixture_commit(&f, s);
	assert_string_equal(fixture_hear(&f, s, 1), "4:c ");
	s->ops->close(s); /* as if killed */
	assert_true(is_there(&f, U1 "-0.ndjson"));
	assert_string_equal(run(&f), "4:c ");
	assert_false(is_there(&f, U1 "-0.ndjson"));
	fixture_release(&f);
}

static void test_source_spool__what_is_stored_is_removed_unread(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-5.ndjson", "a\n");
	assert_string_equal(run(&f), "0:a ");
	fixture_write(&f, U1 "-5.ndjson", "a\n");
	fixture_write(&f, U1 "-1.ndjson", "old\n");
	assert_string_equal(run(&f), "");
	assert_false(is_there(&f, U1 "-5.ndjson"));
	assert_false(is_there(&f, U1 "-1.ndjson"));
	fixture_release(&f);
}

static void test_source_spool__a_locked_file_holds_back_its_sensor(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-0.ndjson.open", "a\n");
	fixture_write(&f, U1 "-1.ndjson", "b\n");
	fixture_write(&f, U2 "-0.ndjson", "c\n");
	fd = open(fixture_path(&f, U1 "-0.ndjson.open"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_string_equal(run(&f), "0:c ");
	close(fd);
	assert_string_equal(run(&f), "0:a 0:b ");
	fixture_release(&f);
}

static void test_source_spool__a_torn_last_line_is_given(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-0.ndjson.open", "a\n{\"b");
	assert_string_equal(run(&f), "0:a 2:{\"b ");
	assert_false(is_there(&f, U1 "-0.ndjson.open"));
	fixture_release(&f);
}

static void test_source_spool__a_file_that_shrank_is_a_gap(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-0.ndjson", "a\nb\nc\n");
	s = open_spool(&f);
	assert_string_equal(fixture_hear(&f, s, 2), "0:a 2:b ");
	fixture_commit(&f, s);
	s->ops->close(s);
	assert_int_equal(truncate(fixture_path(&f, U1 "-0.ndjson"), 2), 0);
	assert_string_equal(run(&f), "0!GAP 0:a ");
	fixture_release(&f);
}

static void test_source_spool__nothing_but_own_regular_files_is_read(void **state)
{
	struct fixture f;
	char secret[128];

	(void)state;
	begin(&f);
	fixture_write(&f, "secret", "secret\n");
	snprintf(secret, sizeof(secret), "%s", fixture_path(&f, "secret"));
	assert_int_equal(symlink(secret, fixture_path(&f, U1 "-0.ndjson")), 0);
	assert_int_equal(link(secret, fixture_path(&f, U1 "-1.ndjson")), 0);
	assert_int_equal(mkfifo(fixture_path(&f, U1 "-2.ndjson"), 0600), 0);
	assert_int_equal(mkdir(fixture_path(&f, U1 "-3.ndjson"), 0700), 0);
	fixture_write(&f, U1 "-4.ndjson", "a\n");
	assert_string_equal(run(&f), "0:a ");
	assert_true(is_there(&f, "secret"));
	fixture_release(&f);
}

static void test_source_spool__more_files_than_a_commit_takes(void **state)
{
	static char expected[4096];
	size_t n = 0;
	struct fixture f;

	(void)state;
	begin(&f);
	for (int i = 0; i < 600; i++) {
		char name[96];

		snprintf(name, sizeof(name), U1 "-%d.ndjson", i);
		fixture_write(&f, name, "x\n");
		n += (size_t)snprintf(expected + n, sizeof(expected) - n, "0:x ");
	}
	assert_string_equal(run(&f), expected);
	fixture_release(&f);
}

/* Each allocation fails in turn: an error or all of it, never a crash. */
/* Several batches on their way: each commit removes the files of its own. */
static void test_source_spool__a_commit_removes_what_its_batch_read(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-1.ndjson", "a\nb\n");
	fixture_write(&f, U1 "-3.ndjson", "c\n");
	fixture_write(&f, U2 "-1.ndjson", "d\n");
	s = open_spool(&f);
	assert_string_equal(fixture_hear(&f, s, 1), "0:a ");
	fixture_store(&f, s);
	assert_string_equal(fixture_hear(&f, s, 2), "2:b 0:c ");
	fixture_store(&f, s);
	assert_string_equal(fixture_hear(&f, s, 2), "0:d moved");
	fixture_store(&f, s);
	assert_string_equal(fixture_hear(&f, s, 1), "idle");
	assert_int_equal(s->ops->committed(s, NULL), 0);
	assert_true(is_there(&f, U1 "-1.ndjson"));
	assert_int_equal(s->ops->committed(s, NULL), 0);
	assert_false(is_there(&f, U1 "-1.ndjson"));
	assert_true(is_there(&f, U1 "-3.ndjson"));
	assert_int_equal(s->ops->committed(s, NULL), 0);
	assert_false(is_there(&f, U1 "-3.ndjson"));
	assert_false(is_there(&f, U2 "-1.ndjson"));
	s->ops->close(s);
	fixture_release(&f);
}

static void test_source_spool__every_failing_allocation_is_survived(void **state)
{
	struct ingest_spool_options o = { .name = "spool:x", .once = true };
	struct fixture f;
	char dir[128];
	uint64_t nth = 1;
	bool heard = false;

	(void)state;
	begin(&f);
	fixture_write(&f, U1 "-0.ndjson", "a\n");
	snprintf(dir, sizeof(dir), "%s", fixture_path(&f, "spool"));
	o.dir = dir;
	o.dataset = f.events;
	o.store = f.store;
	while (!heard && nth < 1000) {
		struct ingest_message m;
		struct ingest_source *s;
		struct err err = ERR_INIT;
		int ret;

		mem_fail_after(nth++);
		ret = ingest_spool_open(&s, &o, &err);
		if (ret == 0) {
			ret = s->ops->next(s, 0, &m, &err);
			s->ops->close(s);
		}
		mem_fail_after(0);
		heard = ret == INGEST_MESSAGE;
		assert_true(heard || ret == ERR_NO_MEMORY);
	}
	assert_true(heard);
	assert_true(nth > 4);
	fixture_release(&f);
}

TEST_MAIN(TEST(test_source_spool__is_read_in_order_and_emptied),
	  TEST(test_source_spool__goes_on_inside_a_file),
	  TEST(test_source_spool__what_is_stored_is_removed_unread),
	  TEST(test_source_spool__a_locked_file_holds_back_its_sensor),
	  TEST(test_source_spool__a_torn_last_line_is_given),
	  TEST(test_source_spool__a_file_that_shrank_is_a_gap),
	  TEST(test_source_spool__nothing_but_own_regular_files_is_read),
	  TEST(test_source_spool__more_files_than_a_commit_takes),
	  TEST(test_source_spool__a_commit_removes_what_its_batch_read),
	  TEST(test_source_spool__every_failing_allocation_is_survived))
