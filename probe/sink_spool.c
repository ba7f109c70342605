/*
 * probe/sink_spool.c - events into files of a directory.
 *
 * Lines gather in a buffer and are written together; a file begins with the
 * first line of a buffer, so its name is known when it is made.  A write that
 * fails is taken back: a file ends with a whole line.
 *
 * The watched program may have our user id.  The directory is therefore used
 * through its descriptor, links are not followed, and only regular files of
 * our own are deleted.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe/sink.h"

enum {
	BUFFER = 64 << 10, /* written when it holds this much */
	BUFFER_MAX = 512 << 10,
	NAME_LEN_MAX = 96,
	RETRY_MS = 100, /* after a failure; lines are lost meanwhile */
};

#define SEALED ".ndjson"
#define OPEN SEALED ".open"

struct spool {
	struct probe_sink sink;
	struct probe_losses *losses;
	int dir_fd;
	char sensor[40];
	uint64_t cap, segment;
	int64_t blocked_until;

	struct buf lines;
	uint64_t nlines, first_seq;
	int64_t since; /* of the first line that is not in a sealed file */

	int fd; /* -1: no file is open */
	uint64_t size;
	char name[NAME_LEN_MAX]; /* without ".open" */
};

static void lose(struct spool *s, uint64_t n)
{
	atomic_fetch_add(&s->losses->spool, n);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

static uint64_t count_lines(int fd)
{
	char text[16 << 10];
	uint64_t n = 0;
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += text[i] == '\n';
	return n;
}

/* Deletes one file if nobody reads or writes it; its lines are lost. */
static bool delete_file(struct spool *s, const char *name)
{
	struct stat st;
	bool done = false;
	int fd = openat(s->dir_fd, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* Without a link it was read and removed since the listing. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink > 0 &&
	    unlinkat(s->dir_fd, name, 0) == 0) {
		lose(s, count_lines(fd));
		done = true;
	}
	close(fd);
	return done;
}

struct entry {
	char name[NAME_LEN_MAX];
	struct timespec when;
	uint64_t size;
};

static int oldest_first(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	if (a->when.tv_sec != b->when.tv_sec)
		return a->when.tv_sec < b->when.tv_sec ? -1 : 1;
	if (a->when.tv_nsec != b->when.tv_nsec)
		return a->when.tv_nsec < b->when.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* The spool's files; the caller frees *out. */
static size_t list_files(const struct spool *s, struct entry **out)
{
	struct entry *list = NULL;
	size_t n = 0, cap = 0;
	int fd = openat(s->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	*out = NULL;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((d = readdir(dir))) {
		size_t len = strlen(d->d_name);
		struct stat st;

		if (len >= NAME_LEN_MAX ||
		    (!ends_in(d->d_name, SEALED) &&
		     !ends_in(d->d_name, OPEN)) ||
		    fstatat(s->dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode))
			continue;
		if (n == cap) {
			struct entry *bigger = mem_realloc_array(list, cap + 64,
								 sizeof(*list));

			if (!bigger)
				break;
			list = bigger;
			cap += 64;
		}
		memcpy(list[n].name, d->d_name, len + 1);
		list[n].when = st.st_mtim;
		list[n++].size = (uint64_t)st.st_size;
	}
	closedir(dir);
	*out = list;
	return n;
}

/* Makes room for one more file under the cap; false if there is none to have. */
static bool make_room(struct spool *s)
{
	struct entry *files;
	size_t n = list_files(s, &files);
	uint64_t total = s->segment;

	for (size_t i = 0; i < n; i++)
		total += files[i].size;
	if (total > s->cap) {
		qsort(files, n, sizeof(*files), oldest_first);
		for (size_t i = 0; i < n && total > s->cap; i++)
			if (delete_file(s, files[i].name))
				total -= files[i].size;
	}
	mem_free(files);
	return total <= s->cap;
}

static void seal(struct spool *s)
{
	char open_name[NAME_LEN_MAX + sizeof(".open")];

	if (s->fd < 0)
		return;
	snprintf(open_name, sizeof(open_name), "%s.open", s->name);
	/* If this fails the file stays as it is, unlocked: a reader takes it. */
	(void)renameat(s->dir_fd, open_name, s->dir_fd, s->name);
	close(s->fd);
	s->fd = -1;
}

static bool open_segment(struct spool *s)
{
	char open_name[NAME_LEN_MAX + sizeof(".open")];

	if (!make_room(s))
		return false;
	snprintf(s->name, sizeof(s->name), "%s-%" PRIu64 SEALED, s->sensor,
		 s->first_seq);
	snprintf(open_name, sizeof(open_name), "%s.open", s->name);
	s->fd = openat(s->dir_fd, open_name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0640);
	s->size = 0;
	if (s->fd < 0)
		return false;
	/* Nobody else can have it: it was made just now.  A reader that was
	 * quicker holds it for a moment. */
	return flock(s->fd, LOCK_EX) == 0;
}

static void drop_lines(struct spool *s)
{
	lose(s, s->nlines);
	buf_reset(&s->lines);
	s->nlines = 0;
}

/* Brings the gathered lines into a file. */
static void write_lines(struct spool *s)
{
	int64_t now = time_monotonic();

	if (s->nlines == 0)
		return;
	if (s->fd >= 0 && s->size + s->lines.len > s->segment)
		seal(s);
	if (s->fd < 0 && (now < s->blocked_until || !open_segment(s)))
		goto failed;
	if (file_write_all(s->fd, s->lines.p, s->lines.len, NULL) < 0) {
		/* A seek is not enough: the bytes are in the file. */
		if (ftruncate(s->fd, (off_t)s->size) != 0 ||
		    lseek(s->fd, (off_t)s->size, SEEK_SET) < 0)
			seal(s);
		goto failed;
	}
	s->size += s->lines.len;
	buf_reset(&s->lines);
	s->nlines = 0;
	return;
failed:
	if (now >= s->blocked_until)
		s->blocked_until = now + RETRY_MS * NS_PER_MS;
	drop_lines(s);
}

static void spool_write(struct probe_sink *sink, uint64_t seq,
			struct slice line)
{
	struct spool *s = (struct spool *)sink;

	if (s->nlines == 0) {
		s->first_seq = seq;
		if (s->fd < 0)
			s->since = time_monotonic();
	}
	buf_put_slice(&s->lines, line);
	s->nlines++;
	if (s->lines.error)
		drop_lines(s);
	else if (s->lines.len >= BUFFER)
		write_lines(s);
}

static int64_t spool_tick(struct probe_sink *sink, int64_t now)
{
	struct spool *s = (struct spool *)sink;

	write_lines(s);
	if (s->fd < 0)
		return INT64_MAX;
	if (now - s->since < PROBE_SPOOL_SEAL_MS * NS_PER_MS)
		return s->since + PROBE_SPOOL_SEAL_MS * NS_PER_MS;
	seal(s);
	return INT64_MAX;
}

static void spool_flush(struct probe_sink *sink, int64_t deadline, bool final)
{
	struct spool *s = (struct spool *)sink;

	(void)deadline;
	write_lines(s);
	/* What must go to make room goes now, so that the last words of the
	 * sensor, which come next, can tell of it. */
	if (final)
		(void)make_room(s);
	else
		seal(s);
}

static void spool_close(struct probe_sink *sink)
{
	struct spool *s = (struct spool *)sink;

	if (!s)
		return;
	write_lines(s);
	seal(s);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	buf_release(&s->lines);
	mem_free(s);
}

static const struct probe_sink_ops spool_ops = {
	.write = spool_write,
	.tick = spool_tick,
	.flush = spool_flush,
	.close = spool_close,
};

static int open_dir(const char *dir, int *out, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd, saved;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_errno(err, errno == EACCES ? ERR_DENIED : ERR_IO,
				 errno, "cannot make spool directory \"%s\"",
				 dir);
	fd = open(dir, flags);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(err, ERR_INPUT,
			       "spool \"%s\" is not a directory", dir);
	if (fd >= 0 && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		saved = errno;
		close(fd);
		fd = -1;
		errno = saved;
	}
	if (fd < 0)
		return err_errno(err, errno == EACCES ? ERR_DENIED : ERR_IO,
				 errno, "cannot use spool directory \"%s\"",
				 dir);
	*out = fd;
	return 0;
}

int probe_spool_open(struct probe_sink **out, const char *dir,
		     const char *sensor, uint64_t cap,
		     struct probe_losses *losses, struct err *err)
{
	struct spool *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->sink.ops = &spool_ops;
	s->losses = losses;
	s->dir_fd = s->fd = -1;
	s->cap = cap;
	/* At least four files, so that the oldest can go. */
	s->segment = cap / 4 < PROBE_SPOOL_SEGMENT ? cap / 4 :
						     PROBE_SPOOL_SEGMENT;
	buf_init(&s->lines, BUFFER_MAX);
	snprintf(s->sensor, sizeof(s->sensor), "%s", sensor);
	ret = open_dir(dir, &s->dir_fd, err);
	if (ret == 0) {
		*out = &s->sink;
		s = NULL;
	}
	spool_close((struct probe_sink *)s);
	return ret;
}
