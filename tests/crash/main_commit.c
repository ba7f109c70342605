/*
 * crs-crash-commit - kills a writer again and again, and looks what is left.
 *
 *   crs-crash-commit DIR ROUNDS [SEED]
 *
 * A child commits batches 1, 2, 3, ... to the store DIR, each with the number
 * as its source position, and acknowledges a batch when the commit has
 * returned; now and then it merges what is due.  The parent kills it at a
 * random moment.  Then (I1 and I2 of index/commit.c, M1 to M5 of
 * index/merge.c):
 *   - the position is the last acknowledged batch, or the one after it;
 *   - the store holds exactly the rows of the batches up to there, under their
 *     sequence numbers, whatever segments they stand in;
 *   - a full check finds nothing damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "index/builder.h"
#include "index/commit.h"
#include "index/merge.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "index/verify.h"
#include "schemas/decode.h"

static const char schema[] =
	"{\"dataset\":\"crash\",\"title\":\"Crash\",\"kind\":\"log\","
	"\"time\":\"at\",\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\",\"unit\":\"s\"},"
	"{\"name\":\"batch\",\"type\":\"int\"},"
	"{\"name\":\"row\",\"type\":\"int\"},"
	"{\"name\":\"text\",\"type\":\"text\"}]}";

static const char *dir;

static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* What batch `n` holds follows from its number. */
static uint32_t batch_rows(uint64_t n)
{
	return 1 + (uint32_t)(mix(n) % (n % 10 == 0 ? 3000 : 100));
}

/* Rows rise in time, so that they keep their order. */
static size_t message(char out[256], uint64_t n, uint32_t row)
{
	int len = snprintf(out, 256,
			   "{\"at\":%" PRIu64 ",\"batch\":%" PRIu64
			   ",\"row\":%" PRIu32 ",\"text\":\"%016" PRIx64
			   " %08x\"}",
			   UINT64_C(1700000000) + row, n, row,
			   mix(n * 100000 + row), row);

	return (size_t)len;
}

static _Noreturn void die(const struct err *err, const char *what)
{
	fprintf(stderr, "crs-crash-commit: %s: %s\n", what, err->message);
	exit(1);
}

static _Noreturn void wrong(const char *what, uint64_t have, uint64_t expected)
{
	fprintf(stderr,
		"crs-crash-commit: %s: %" PRIu64 ", expected %" PRIu64 "\n",
		what, have, expected);
	exit(1);
}

static int take_position(void *ctx, struct slice key, struct slice value)
{
	uint64_t *n = ctx;

	(void)key;
	if (value.len != sizeof(*n))
		return 1;
	memcpy(n, value.p, sizeof(*n));
	return 0;
}

static uint64_t position(struct index_store *s)
{
	struct err err = ERR_INIT;
	uint64_t n = 0;

	if (index_store_positions(s, SLICE_LIT(""), take_position, &n, &err))
		die(&err, "positions");
	return n;
}

/* --- the child ------------------------------------------------------- */

struct writer {
	struct dataset *ds;
	struct decoder *decoder;
	struct index_builder *builder;
	struct index_store *store;
	struct index_merger *merger;
};

static int build(struct writer *w, uint64_t n, struct index_sealed **out,
		 struct err *err)
{
	struct decode_refusal refused;
	const struct record *rec;
	char text[256];
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < batch_rows(n); i++) {
		ret = decode_message(w->decoder,
				     slice_of(text, message(text, n, i)), &rec,
				     &refused, err);
		if (ret == 0)
			ret = index_builder_add(w->builder, rec, err);
	}
	return ret ? ret : index_builder_seal(w->builder, out, err);
}

static int commit(struct writer *w, uint64_t n, struct err *err)
{
	struct index_sealed *sealed = NULL;
	struct index_txn *t = NULL;
	struct slice value = slice_of((const char *)&n, sizeof(n));
	int ret;

	ret = build(w, n, &sealed, err);
	if (ret < 0)
		goto out;
	ret = index_txn_begin(&t, w->store, err);
	if (ret < 0)
		goto out;
	ret = index_txn_add(t, sealed, err);
	if (ret == 0)
		ret = index_txn_put_position(t, SLICE_LIT("batch"), value, err);
	if (ret < 0)
		goto out;
	ret = index_txn_commit(t, (int64_t)n, err);
	t = NULL;
out:
	index_txn_abort(t);
	index_sealed_free(sealed);
	return ret;
}

static int merge(struct writer *w, struct err *err)
{
	struct index_merge_done done;
	int ret;

	do
		ret = index_merger_step(w->merger, &done, err);
	while (ret == 1);
	return ret;
}

static _Noreturn void write_on(int acknowledge)
{
	struct err err = ERR_INIT;
	struct writer w = { 0 };
	uint64_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dataset_new(&w.ds, slice_str(schema), "crash", &err) < 0 ||
	    decoder_new(&w.decoder, w.ds, &err) < 0 ||
	    index_builder_new(&w.builder, w.ds, &err) < 0 ||
	    index_store_open(&w.store, dir, INDEX_WRITE, &err) < 0 ||
	    index_store_register(w.store, w.ds, &err) < 0 ||
	    index_merger_new(&w.merger, w.store, &err) < 0)
		die(&err, "writer");
	for (n = position(w.store) + 1;; n++) {
		if (commit(&w, n, &err) < 0)
			die(&err, "commit");
		if (n % 8 == 0 && merge(&w, &err) < 0)
			die(&err, "merge");
		if (write(acknowledge, &n, sizeof(n)) != sizeof(n))
			exit(1);
	}
}

/* --- the parent ------------------------------------------------------ */

static void check_source(struct index_segment *seg, uint32_t row, uint64_t n,
			 uint32_t i)
{
	struct err err = ERR_INIT;
	char expected[256];
	size_t len = message(expected, n, i);
	struct buf source;

	buf_init(&source, sizeof(expected));
	if (index_segment_source(seg, row, &source, &err) < 0)
		die(&err, "source");
	if (!slice_eq(buf_slice(&source), slice_of(expected, len)))
		wrong("rows of batch", i, n);
	buf_release(&source);
}

/* A place among the rows of all batches. */
struct place {
	uint64_t batch;
	uint64_t first; /* sequence number of its first row */
};

/* One segment; its rows are looked at if they are of batch `from` or later. */
static void check_segment(struct index_segment *seg, struct place *at,
			  uint64_t from)
{
	const struct index_descriptor *d = index_segment_descriptor(seg);
	uint32_t row;

	for (uint64_t s = d->sequence; s < d->sequence_end; s++) {
		if (s == at->first + batch_rows(at->batch)) {
			at->first = s;
			at->batch++;
		}
		if (at->batch < from)
			continue;
		if (!index_segment_find_sequence(seg, s, &row))
			wrong("row missing, sequence", s, s);
		if (index_segment_received(seg, row) != (int64_t)at->batch)
			wrong("received",
			      (uint64_t)index_segment_received(seg, row),
			      at->batch);
		check_source(seg, row, at->batch, (uint32_t)(s - at->first));
	}
}

/* Every row of every batch up to `last`. */
static void check_rows(struct index_store *s, uint64_t last, uint64_t from)
{
	struct index_snapshot *snap = NULL;
	const struct index_dataset *ds;
	struct err err = ERR_INIT;
	struct place at = { .batch = 1 };
	uint64_t sequence = 0;

	if (index_snapshot_open(&snap, s, &err) < 0)
		die(&err, "snapshot");
	ds = index_snapshot_find(snap, SLICE_LIT("crash"));
	if (!ds && last == 0)
		goto out;
	if (!ds)
		wrong("datasets", 0, 1);
	for (uint32_t i = 0; i < ds->nsegments; i++) {
		const struct index_descriptor *d = &ds->segments[i];
		struct index_segment *seg = NULL;

		if (d->sequence != sequence ||
		    d->sequence_end != sequence + d->rows)
			wrong("sequence", d->sequence, sequence);
		sequence = d->sequence_end;
		if (index_segment_open(&seg, snap, ds, d, &err) < 0)
			die(&err, "segment");
		check_segment(seg, &at, from);
		index_segment_close(seg);
	}
	if (last && (at.batch != last ||
		     sequence != at.first + batch_rows(at.batch)))
		wrong("last batch of the rows", at.batch, last);
	if (ds->next_sequence != sequence)
		wrong("next sequence", ds->next_sequence, sequence);
	if (last > 200 && ds->nsegments > last / 2)
		wrong("segments after merging", ds->nsegments, last / 2);
out:
	index_snapshot_close(snap);
}

static void show(void *ctx, struct slice line)
{
	(void)ctx;
	fprintf(stderr, "crs-crash-commit: %.*s\n", SLICE_ARG(line));
}

/* What the killed child has left; returns the last batch. */
static uint64_t check(uint64_t acknowledged, uint64_t checked)
{
	struct index_verify_result result;
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	uint64_t last;
	int ret;

	ret = index_store_open(&s, dir, INDEX_READ, &err);
	if (ret == ERR_NOT_FOUND && acknowledged == 0)
		return 0; /* killed before there was a store */
	if (ret < 0)
		die(&err, "open");
	last = position(s);
	if (last != acknowledged && last != acknowledged + 1)
		wrong("last batch", last, acknowledged);
	check_rows(s, last, checked > 3 ? checked - 3 : 1);
	index_store_close(s);
	if (index_verify(dir, &result, show, NULL, NULL, &err) < 0)
		die(&err, "verify");
	if (result.damaged)
		wrong("damaged parts", result.damaged, 0);
	return last;
}

/* Lets a child write for a while; returns the last batch it acknowledged. */
static uint64_t round_of(uint64_t acknowledged, uint64_t ns)
{
	struct timespec pause = { (time_t)(ns / 1000000000),
				  (long)(ns % 1000000000) };
	int status, fds[2];
	uint64_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		perror("crs-crash-commit");
		exit(1);
	}
	if (pid == 0) {
		close(fds[0]);
		write_on(fds[1]);
	}
	close(fds[1]);
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	while (read(fds[0], &n, sizeof(n)) == sizeof(n))
		acknowledged = n;
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		wrong("the writer ended by itself, status", (uint64_t)status,
		      SIGKILL);
	return acknowledged;
}

int main(int argc, char **argv)
{
	uint64_t rounds, seed, last = 0, checked = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: crs-crash-commit DIR ROUNDS [SEED]\n");
		return 2;
	}
	dir = argv[1];
	rounds = strtoull(argv[2], NULL, 10);
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
	printf("%" PRIu64 " kills, seed %" PRIu64 "\n", rounds, seed);
	for (uint64_t i = 0; i < rounds; i++) {
		/* Some while the store is being created or opened. */
		uint64_t most = i % 4 == 0 ? 20000000 : 300000000;

		last = round_of(last, mix(seed + i) % most);
		last = check(last, checked);
		checked = last;
	}
	check(last, 1); /* every row of every batch */
	if (rounds > 10 && last == 0)
		wrong("batches committed", last, rounds);
	printf("%" PRIu64 " batches are there, nothing else\n", last);
	return 0;
}
