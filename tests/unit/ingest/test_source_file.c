/* tests of ingest/source_file.c and ingest/file_resume.c */
#include "ingest/source_file.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "tests/test.h"
#include "tests/unit/ingest/helper_ingest.h"

static struct ingest_source *open_file(struct fixture *f, const char *name, bool once)
{
	static char path[128];
	struct ingest_file_options o = {
		.name = "file:x", .path = path, .dataset = f->events,
		.store = f->store, .once = once,
	};
	struct ingest_source *s;
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s", fixture_path(f, name));
	if (ingest_file_open(&s, &o, &err) < 0)
		fail_msg("%s", err.message);
	return s;
}

/* One run with --once over the whole file: what it says. */
static const char *run_once(struct fixture *f, const char *name)
{
	struct ingest_source *s = open_file(f, name, true);
	static char said[4096];
	size_t n = 0;

	said[0] = '\0';
	for (int i = 0; i < 8; i++) {
		n += (size_t)snprintf(said + n, sizeof(said) - n, "%s ",
				      fixture_hear(f, s, 100));
		fixture_commit(f, s);
		if (strstr(said, "end"))
			break;
	}
	s->ops->close(s);
	return said;
}

static void sleep_ms(long ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000,
				     .tv_nsec = ms % 1000 * NS_PER_MS };

	nanosleep(&ts, NULL);
}

/* Lets a followed file speak for `ms`, committing when it has moved. */
static const char *listen_for(struct fixture *f, struct ingest_source *s, long ms)
{
	static char said[4096];
	size_t n = 0;

	said[0] = '\0';
	for (long t = 0; t < ms; t += 10) {
		const char *h = fixture_hear(f, s, 100);

		if (strcmp(h, "idle") != 0 && strcmp(h, "moved") != 0)
			n += (size_t)snprintf(said + n, sizeof(said) - n, "%s;", h);
		fixture_commit(f, s);
		sleep_ms(10);
	}
	return said;
}

static void test_source_file__goes_on_where_it_ended(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\ntwo\nthr");
	assert_string_equal(run_once(&f, "a"), "0:one 4:two 8:thr moved end ");
	assert_string_equal(run_once(&f, "a"), "end ");
	fixture_write(&f, "a", "ee\nfour\n");
	assert_string_equal(run_once(&f, "a"), "11:ee 14:four moved end ");
	fixture_release(&f);
}

static void test_source_file__what_is_not_committed_is_given_again(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\ntwo\nthree\n");
	s = open_file(&f, "a", true);
	assert_string_equal(fixture_hear(&f, s, 2), "0:one 4:two ");
	fixture_commit(&f, s);
	assert_string_equal(fixture_hear(&f, s, 1), "8:three ");
	s->ops->close(s); /* as if killed */
	assert_string_equal(run_once(&f, "a"), "8:three moved end ");
	fixture_release(&f);
}

static void test_source_file__waits_for_the_end_of_a_line(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\ntw");
	s = open_file(&f, "a", false);
	assert_string_equal(fixture_hear(&f, s, 9), "0:one idle");
	fixture_write(&f, "a", "o\n\n\n");
	assert_string_equal(fixture_hear(&f, s, 9), "4:two idle");
	fixture_commit(&f, s);
	assert_int_equal(s->ops->lag(s), 0);
	assert_string_equal(fixture_hear(&f, s, 9), "idle");
	s->ops->close(s);
	assert_string_equal(run_once(&f, "a"), "end ");
	fixture_release(&f);
}

static void test_source_file__blank_lines_alone_move_the_position(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "\n\n\n");
	assert_string_equal(run_once(&f, "a"), "moved end ");
	fixture_write(&f, "a", "x\n");
	assert_string_equal(run_once(&f, "a"), "3:x moved end ");
	fixture_release(&f);
}

static void test_source_file__rotation_is_followed(void **state)
{
	struct ingest_source *s;
	struct fixture f;
	char from[128];

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\n");
	s = open_file(&f, "a", false);
	assert_string_equal(listen_for(&f, s, 20), "0:one idle;");
	snprintf(from, sizeof(from), "%s", fixture_path(&f, "a"));
	assert_int_equal(rename(from, fixture_path(&f, "a.1")), 0);
	fixture_write(&f, "a.1", "two\nrest");
	fixture_write(&f, "a", "new\n");
	assert_string_equal(listen_for(&f, s, 1500), "4:two idle;8:rest moved;0:new idle;");
	s->ops->close(s);
	assert_non_null(strstr(fixture_positions(&f), "offset=12 finished=1"));
	assert_string_equal(run_once(&f, "a"), "end ");
	fixture_release(&f);
}

static void test_source_file__a_cut_file_is_a_gap(void **state)
{
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\ntwo\n");
	s = open_file(&f, "a", false);
	assert_string_equal(listen_for(&f, s, 20), "0:one 4:two idle;");
	assert_int_equal(truncate(fixture_path(&f, "a"), 0), 0);
	assert_string_equal(listen_for(&f, s, 200), "8!GAP idle;");
	fixture_write(&f, "a", "new\n");
	assert_string_equal(listen_for(&f, s, 50), "0:new idle;");
	s->ops->close(s);
	fixture_release(&f);
}

static void test_source_file__a_changed_file_is_a_gap(void **state)
{
	static const struct {
		const char *what, *before, *after, *said;
	} rows[] = {
		{ "shorter", "one\ntwo\n", "one\n", "8!GAP 0:one moved end " },
		{ "empty", "one\n", "", "4!GAP moved end " },
		{ "other bytes", "one\ntwo\n", "one\ntwx\nthree\n",
		  "8!GAP 0:one 4:twx 8:three moved end " },
		{ "longer", "one\n", "one\ntwo\n", "4:two moved end " },
	};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[8];

		test_row("%s", rows[i].what);
		snprintf(name, sizeof(name), "f%zu", i);
		fixture_write(&f, name, rows[i].before);
		(void)run_once(&f, name);
		assert_int_equal(truncate(fixture_path(&f, name), 0), 0);
		fixture_write(&f, name, rows[i].after);
		assert_string_equal(run_once(&f, name), rows[i].said);
		assert_string_equal(run_once(&f, name), "end ");
	}
	fixture_release(&f);
}

static void test_source_file__only_regular_files_are_read(void **state)
{
	struct ingest_file_options o = { .name = "file:x" };
	struct ingest_source *s;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	o.store = f.store;
	o.dataset = f.events;
	o.path = f.dir;
	assert_int_equal(ingest_file_open(&s, &o, NULL), ERR_INPUT);
	o.path = "/dev/null";
	assert_int_equal(ingest_file_open(&s, &o, NULL), ERR_INPUT);
	o.path = fixture_path(&f, "missing");
	assert_int_equal(ingest_file_open(&s, &o, NULL), ERR_INPUT);
	fixture_release(&f);
}

/* Each allocation fails in turn: an error or all of it, never a crash. */
static void test_source_file__every_failing_allocation_is_survived(void **state)
{
	struct ingest_file_options o = { .name = "file:x", .once = true };
	struct fixture f;
	char path[128];
	uint64_t nth = 1;
	int ret;

	(void)state;
	fixture_init(&f);
	fixture_write(&f, "a", "one\ntwo\n");
	(void)run_once(&f, "a");
	fixture_write(&f, "a", "three\n");
	snprintf(path, sizeof(path), "%s", fixture_path(&f, "a"));
	o.path = path;
	o.dataset = f.events;
	o.store = f.store;
	do {
		struct ingest_source *s;
		struct err err = ERR_INIT;

		mem_fail_after(nth++);
		ret = ingest_file_open(&s, &o, &err);
		mem_fail_after(0);
		if (ret == 0) {
			assert_string_equal(fixture_hear(&f, s, 9), "8:three moved");
			s->ops->close(s);
		} else {
			assert_int_equal(ret, ERR_NO_MEMORY);
		}
	} while (ret < 0 && nth < 1000);
	assert_int_equal(ret, 0);
	assert_true(nth > 4);
	fixture_release(&f);
}

TEST_MAIN(TEST(test_source_file__goes_on_where_it_ended),
	  TEST(test_source_file__what_is_not_committed_is_given_again),
	  TEST(test_source_file__waits_for_the_end_of_a_line),
	  TEST(test_source_file__blank_lines_alone_move_the_position),
	  TEST(test_source_file__rotation_is_followed),
	  TEST(test_source_file__a_cut_file_is_a_gap),
	  TEST(test_source_file__a_changed_file_is_a_gap),
	  TEST(test_source_file__only_regular_files_are_read),
	  TEST(test_source_file__every_failing_allocation_is_survived))
