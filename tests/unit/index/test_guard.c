#include "index/guard_int.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/index/helper_store.h"
#include "index/verify.h"
#include "tests/test.h"

static char dir[HELPER_PATH];

static int make(void **state)
{
	(void)state;
	helper_dir_make(dir);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	helper_dir_remove(dir);
	return 0;
}

enum { MAP = 1 << 20, FILE_SIZE = 4096 };

struct fault {
	bool armed;
	bool damaged_name; /* the store's name has an escape in it */
	int at;            /* byte of the map that is touched; -1: outside */
	int sent;          /* signal sent to oneself instead */
};

/* An address nothing is mapped at. */
static const volatile char *unmapped(void)
{
	void *p =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, 4096);
	return p;
}

/* A map of 1 MiB over a file of 4 KiB, as a store's is. */
static void touch(void *ctx)
{
	const struct fault *f = ctx;
	const volatile char *at;
	void *map;
	struct err err = ERR_INIT;
	int slot, fd;
	struct stat st;

	/* The sanitisers' handlers would come before the system's default. */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	fd = open(helper_file(dir, "data"), O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, FILE_SIZE) < 0 || fstat(fd, &st) < 0 ||
	    index_guard_install("crs-test", &err) < 0 ||
	    index_guard_take(&slot, &st, f->damaged_name ? "/x\033[2J" : dir,
			     &err) < 0)
		_exit(1);
	map = mmap(NULL, MAP, PROT_READ, MAP_SHARED, fd, 0);
	if (f->armed)
		index_guard_arm(slot, map, MAP);
	at = f->at < 0 ? unmapped() : (const volatile char *)map + f->at;
	if (f->sent)
		raise(f->sent);
	else
		(void)*at;
	_exit(0);
}

static void test_guard__a_fault_in_the_map_is_one_line_and_exit_3(void **state)
{
	static const struct {
		const char *what;
		struct fault fault;
		int exit; /* -1: ended by `signal` */
		int signal;
	} rows[] = {
		{ "inside the file", { .armed = true, .at = 100 }, 0, 0 },
		{ "behind its end", { .armed = true, .at = 8192 }, 3, 0 },
		{ "last byte of the map",
		  { .armed = true, .at = MAP - 1 },
		  3,
		  0 },
		{ "another address", { .armed = true, .at = -1 }, -1, SIGSEGV },
		{ "no store there", { .armed = false, .at = 8192 }, -1, SIGBUS },
		{ "sent", { .armed = true, .sent = SIGSEGV }, -1, SIGSEGV },
		{ "sent", { .armed = true, .sent = SIGBUS }, -1, SIGBUS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault f = rows[i].fault;
		char words[1024], expected[512];
		int status;

		test_row("%s", rows[i].what);
		status = helper_in_child(touch, &f, words, sizeof(words));
		if (rows[i].exit < 0) {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), rows[i].signal);
			continue;
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].exit);
		snprintf(expected, sizeof(expected),
			 "crs-test: the store \"%s\" is damaged or its disk "
			 "cannot be read (a page of data.mdb); \"qql verify\" "
			 "tells more\n",
			 dir);
		assert_string_equal(words, rows[i].exit == 3 ? expected : "");
	}
}

static void test_guard__the_line_is_safe_for_a_terminal(void **state)
{
	struct fault f = { .armed = true, .damaged_name = true, .at = 8192 };
	char words[1024];

	(void)state;
	helper_in_child(touch, &f, words, sizeof(words));
	assert_non_null(strstr(words, "\"/x\\x1b[2J\""));
	assert_null(strchr(words, '\033'));
}

static void *touch_in_thread(void *ctx)
{
	touch(ctx);
	return NULL;
}

static void from_a_thread(void *ctx)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, touch_in_thread, ctx) != 0)
		_exit(1);
	pthread_join(thread, NULL);
}

static void test_guard__works_in_every_thread(void **state)
{
	struct fault f = { .armed = true, .at = 8192 };
	char words[1024];
	int status;

	(void)state;
	status = helper_in_child(from_a_thread, &f, words, sizeof(words));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_non_null(strstr(words, "crs-test: the store"));
}

static void test_guard__a_file_is_taken_once(void **state)
{
	struct err err = ERR_INIT;
	struct stat st;
	int a, b, slots[32], n = 0;

	(void)state;
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(index_guard_take(&a, &st, "one", &err), 0);
	assert_int_equal(index_guard_take(&b, &st, "two", &err), ERR_LOCKED);
	assert_string_equal(
		err.message,
		"the store \"two\" is open in this process already");
	index_guard_release(a);
	assert_int_equal(index_guard_take(&a, &st, "two", &err), 0);
	index_guard_release(a);
	index_guard_release(-1);
	while (index_guard_take(&slots[n], &st, "many", &err) == 0) {
		n++;
		st.st_ino++;
	}
	assert_int_equal(n, 16);
	assert_string_equal(err.message,
			    "more than 16 stores cannot be open at one time");
	while (n > 0)
		index_guard_release(slots[--n]);
}

#define GUARD_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(GUARD_TEST(test_guard__a_fault_in_the_map_is_one_line_and_exit_3),
	  GUARD_TEST(test_guard__the_line_is_safe_for_a_terminal),
	  GUARD_TEST(test_guard__works_in_every_thread),
	  GUARD_TEST(test_guard__a_file_is_taken_once))
