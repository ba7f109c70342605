#include "tests/unit/index/helper_store.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "tests/test.h"

const char helper_schema[] =
	"{\"dataset\":\"events\",\"title\":\"Events\",\"kind\":\"log\","
	"\"time\":\"at\",\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\"},"
	"{\"name\":\"host\",\"type\":\"keyword\"}]}";

void helper_dir_make(char path[HELPER_PATH])
{
	snprintf(path, HELPER_PATH, "/tmp/crs_index_XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void helper_dir_remove(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *helper_file(const char *dir, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

struct dataset *helper_dataset(const char *json)
{
	struct err err = ERR_INIT;
	struct dataset *ds = NULL;

	if (dataset_new(&ds, slice_str(json), "test", &err) < 0)
		fail_msg("%s", err.message);
	return ds;
}

uint64_t helper_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void helper_sealed_make(struct helper_sealed *h, const struct dataset *ds,
			uint32_t rows, uint64_t seed)
{
	/* In the page, in a page of its own, in a run of pages. */
	static const size_t sizes[HELPER_PACKS] = { 700, 5000, 20000, 1 };
	size_t total = 0, at = 0;
	uint64_t state = seed;

	for (int i = 0; i < HELPER_PACKS; i++)
		total += sizes[i] + seed % 100;
	h->bytes = malloc(total);
	assert_non_null(h->bytes);
	for (size_t i = 0; i < total; i++)
		h->bytes[i] = (char)helper_random(&state);
	for (int i = 0; i < HELPER_PACKS; i++) {
		h->packs[i] = slice_of(h->bytes + at, sizes[i] + seed % 100);
		at += h->packs[i].len;
	}
	h->sealed = (struct index_sealed){
		.ds = ds,
		.rows = rows,
		.time_min = (int64_t)seed,
		.time_max = (int64_t)seed + rows,
		.bytes = total,
		.source_bytes = 10 * total,
		.exceptions = rows > 1,
		.stats_crc = crc32c(0, h->packs[0].p, h->packs[0].len),
		.npacks = HELPER_PACKS,
		.packs = h->packs,
	};
}

void helper_sealed_release(struct helper_sealed *h)
{
	free(h->bytes);
}

int helper_commit(struct index_store *s, const struct dataset *ds,
		  uint32_t rows, uint64_t seed, int64_t received,
		  struct err *err)
{
	struct index_txn *t = NULL;
	struct helper_sealed h;
	char text[32];
	int ret;

	helper_sealed_make(&h, ds, rows, seed);
	snprintf(text, sizeof(text), "%" PRIu64, seed);
	ret = index_txn_begin(&t, s, err);
	if (ret == 0)
		ret = index_txn_add(t, &h.sealed, err);
	if (ret == 0)
		ret = index_txn_put_position(t, SLICE_LIT("position"),
					     slice_str(text), err);
	if (ret == 0) {
		ret = index_txn_commit(t, received, err);
		t = NULL;
	}
	index_txn_abort(t);
	helper_sealed_release(&h);
	return ret;
}

static int take_position(void *ctx, struct slice key, struct slice value)
{
	char text[32];

	(void)key;
	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(value));
	*(uint64_t *)ctx = strtoull(text, NULL, 10);
	return 0;
}

uint64_t helper_position(struct index_store *s)
{
	struct err err = ERR_INIT;
	uint64_t n = 0;

	if (index_store_positions(s, SLICE_LIT("position"), take_position, &n,
				  &err) != 0)
		fail_msg("%s", err.message);
	return n;
}

int helper_in_child(void (*fn)(void *ctx), void *ctx, char *words, size_t size)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS };
	const struct rlimit no_core = { 0, 0 };
	int status = 0, fds[2];
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setrlimit(RLIMIT_CORE, &no_core);
		alarm(20);
		/* Not the handlers of cmocka, which go on with the next test. */
		for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
			signal(faults[i], SIG_DFL);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		fn(ctx);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], words + have, size - 1 - have)) > 0)
		have += (size_t)n;
	words[have] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}
