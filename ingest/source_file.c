/*
 * ingest/source_file.c - a file that grows, is rotated or cut.
 *
 * The source changes to another file (the one that took over the name) only
 * when nothing waits for a commit, so that a transaction holds the position of
 * one file, and at most the mark that its predecessor is finished.
 */
#include "ingest/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/commit.h"
#include "ingest/file_resume_int.h"
#include "ingest/lines_int.h"

/* How often the name is looked at when the file has no more, how long a
 * rotated file must be quiet before it counts as finished, and how long to
 * sleep between two reads. */
#define LOOK_EVERY (100 * NS_PER_MS)
#define QUIET_FOR NS_PER_S
#define NAP (5 * NS_PER_MS)

struct file_source {
	struct ingest_source base;
	struct ingest_file_options o;
	char *dir;
	struct hash128 path_hash;
	struct ingest_lines lines;
	int fd;      /* the file being read */
	int next_fd; /* the file to read after it; -1: none yet */
	uint64_t given;        /* messages since the last batch was closed */
	unsigned waiting;      /* batches closed, not yet durable */
	/* In the store, or on its way there: */
	int64_t stored_offset; /* -1: must be stored */
	int64_t begin_offset;  /* where this run began */
	struct buf stored_key; /* empty: none */
	struct buf new_key;
	struct buf value;
	struct buf done_key;   /* position of the file that was finished */
	struct buf done_value;
	struct buf detail;     /* of a GAP that waits to be given out */
	int64_t gap_offset;    /* where it is; -1: no gap waits */
	int64_t look_at;       /* time of the next look at the name */
	int64_t quiet_since;   /* a rotated file has not grown since; 0: unknown */
};

static int cannot(const struct file_source *s, const char *what, struct err *err)
{
	int errnum = errno;
	int code = errnum == EACCES || errnum == EPERM ? ERR_DENIED :
		   errnum == ENOENT || errnum == ENOTDIR ? ERR_INPUT : ERR_IO;

	return err_errno(err, code, errnum, "%s file \"%s\"", what, s->o.path);
}

static int open_regular(const struct file_source *s, int *fd, struct err *err)
{
	int f = open(s->o.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int ret = 0;

	if (f < 0)
		return cannot(s, "cannot open", err);
	if (fstat(f, &st) < 0) {
		ret = cannot(s, "could not examine", err);
	} else if (!S_ISREG(st.st_mode)) {
		ret = err_set(err, ERR_INPUT, "\"%s\" is not a regular file",
			      s->o.path);
		err_hint(err, S_ISDIR(st.st_mode) ?
				 "use spool:DIR for a spool directory" :
				 "use - to read from a pipe");
	}
	if (ret < 0)
		close(f);
	else
		*fd = f;
	return ret;
}

/* Goes on with `fd` at `offset`. */
static int read_from(struct file_source *s, int fd, uint64_t offset,
		     struct err *err)
{
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return cannot(s, "could not seek in", err);
	ingest_lines_restart(&s->lines, (int64_t)offset);
	s->begin_offset = (int64_t)offset;
	s->quiet_since = 0;
	s->fd = fd;
	return 0;
}

static void begin_gap(struct file_source *s, int64_t offset)
{
	s->gap_offset = offset;
	s->stored_offset = -1;
	buf_reset(&s->detail);
}

static int keep_key(struct file_source *s, const struct ingest_file_key *key,
		    struct err *err)
{
	buf_reset(&s->stored_key);
	ingest_file_key_put(&s->stored_key, key);
	return buf_error(&s->stored_key, "a position", err);
}

/* Begins with `fd`, whose position may be known. */
static int resume(struct file_source *s, int fd,
		  const struct ingest_file_position *known, struct err *err)
{
	enum ingest_file_match match;
	int ret;

	buf_reset(&s->stored_key);
	s->stored_offset = 0;
	if (!known)
		return read_from(s, fd, 0, err);
	ret = keep_key(s, &known->key, err);
	if (ret == 0)
		ret = ingest_file_compare(fd, known, &match, err);
	if (ret < 0)
		return ret;
	if (match == INGEST_FILE_SAME) {
		s->stored_offset = (int64_t)known->value.offset;
		return read_from(s, fd, known->value.offset, err);
	}
	begin_gap(s, (int64_t)known->value.offset);
	buf_printf(&s->detail,
		   "expected to go on at byte %" PRIu64 ", %s: began again at byte 0",
		   known->value.offset,
		   match == INGEST_FILE_SHORTER ? "the file is shorter" :
						  "the bytes before it have changed");
	return read_from(s, fd, 0, err);
}

/* The file read before has left its name: is it still in the directory? */
static int resume_before(struct file_source *s,
			 const struct ingest_file_position *before,
			 struct err *err)
{
	enum ingest_file_match match = INGEST_FILE_OTHER;
	struct ingest_file_position gone = *before;
	int fd = -1;
	int ret = ingest_file_find(s->dir, before->key.device, before->key.inode,
				   &fd, err);

	if (ret == 1)
		ret = ingest_file_compare(fd, before, &match, err);
	if (ret < 0)
		goto out;
	if (match == INGEST_FILE_SAME) {
		s->next_fd = s->fd;
		s->fd = -1;
		ret = resume(s, fd, before, err);
		if (ret == 0)
			fd = -1; /* the source has it */
		goto out;
	}
	begin_gap(s, (int64_t)before->value.offset);
	buf_printf(&s->detail,
		   "the file before this one (inode %" PRIu64 ") was stored up to byte %" PRIu64
		   " and is no longer in its directory: what was added to it is unknown",
		   before->key.inode, before->value.offset);
	gone.value.finished = true;
	ingest_file_key_put(&s->done_key, &gone.key);
	ingest_file_value_put(&s->done_value, &gone.value);
	ret = buf_error(&s->done_key, "a position", err);
out:
	if (fd >= 0)
		close(fd);
	return ret;
}

/* The file was read to its end and has lost its name: on to the next one. */
static int change_file(struct file_source *s, struct err *err)
{
	struct slice dataset = s->o.dataset->name;
	struct ingest_file_position p;
	struct ingest_file_found found;
	int fd = s->next_fd;
	int ret;

	if (s->stored_key.len > 0) {
		ret = ingest_file_measure(s->fd, dataset, s->path_hash,
					  (uint64_t)s->lines.offset, &p, err);
		if (ret < 0)
			return ret;
		p.value.finished = true;
		buf_put_slice(&s->done_key, buf_slice(&s->stored_key));
		ingest_file_value_put(&s->done_value, &p.value);
	}
	log_info("file \"%s\" was rotated; going on with the new one", s->o.path);
	close(s->fd);
	s->fd = -1;
	s->next_fd = -1;
	ret = ingest_file_look_up(s->o.store, dataset, fd, s->path_hash, &found, err);
	if (ret == 0)
		ret = resume(s, fd, found.has_own ? &found.own : NULL, err);
	if (s->fd < 0)
		close(fd);
	return ret;
}

/* Looks at the name: has another file taken it? */
static int look_at_name(struct file_source *s, struct err *err)
{
	struct stat now, mine;

	if (s->next_fd >= 0 || s->o.once)
		return 0;
	if (stat(s->o.path, &now) < 0)
		return 0; /* moved away, and nothing there yet */
	if (fstat(s->fd, &mine) < 0)
		return cannot(s, "could not examine", err);
	if (now.st_dev == mine.st_dev && now.st_ino == mine.st_ino)
		return 0;
	if (open_regular(s, &s->next_fd, NULL) < 0)
		s->next_fd = -1; /* gone or unreadable again: look later */
	return 0;
}

/* Has the file become shorter than what was read of it? */
static int look_at_size(struct file_source *s, struct err *err)
{
	int64_t read = s->lines.offset + (int64_t)(s->lines.end - s->lines.start);
	struct stat st;

	if (s->lines.oversize)
		read = s->lines.offset + (int64_t)s->lines.length;
	if (fstat(s->fd, &st) < 0)
		return cannot(s, "could not examine", err);
	if (st.st_size >= read)
		return 0;
	begin_gap(s, s->lines.offset);
	buf_printf(&s->detail,
		   "the file was cut from %" PRId64 " bytes or more to %lld: began again at byte 0",
		   read, (long long)st.st_size);
	return read_from(s, s->fd, 0, err);
}

static int give_gap(struct file_source *s, struct ingest_message *msg)
{
	*msg = (struct ingest_message){
		.dataset = s->o.dataset,
		.timestamp = INGEST_NO_TIME,
		.origin = slice_str(s->o.path),
		.partition = -1,
		.offset = s->gap_offset,
		.refused = REFUSED_GAP,
		.detail = buf_slice(&s->detail),
	};
	s->gap_offset = -1;
	s->given++;
	return INGEST_MESSAGE;
}

static int give_line(struct file_source *s, const struct ingest_line *line,
		     struct ingest_message *msg)
{
	*msg = (struct ingest_message){
		.dataset = s->o.dataset,
		.payload = line->text,
		.timestamp = INGEST_NO_TIME,
		.origin = slice_str(s->o.path),
		.partition = -1,
		.offset = line->offset,
		.refused = line->sha256 ? REFUSED_TOO_LARGE : REFUSED_NOT,
		.length = line->length,
		.sha256 = line->sha256,
	};
	s->given++;
	return INGEST_MESSAGE;
}

/* Is there anything to store that is in no batch yet? */
static bool has_news(const struct file_source *s)
{
	return s->given > 0 || s->lines.offset != s->stored_offset ||
	       s->done_key.len > 0;
}

/* The file has no more and never will: its unfinished line is a record. */
static int at_last_byte(struct file_source *s, struct ingest_message *msg,
			struct err *err)
{
	struct ingest_line line;
	int ret = ingest_lines_rest(&s->lines, &line, err);

	if (ret < 0)
		return ret;
	if (ret == 1)
		return give_line(s, &line, msg);
	if (has_news(s))
		return INGEST_MOVED;
	if (s->waiting > 0)
		return INGEST_IDLE;
	if (s->next_fd >= 0) {
		ret = change_file(s, err);
		return ret < 0 ? ret : INGEST_IDLE;
	}
	if (s->begin_offset == s->lines.offset && s->begin_offset > 0)
		log_info("already stored: \"%s\", %" PRId64 " bytes", s->o.path,
			 s->begin_offset);
	return INGEST_END;
}

static void nap(int64_t timeout)
{
	struct timespec ts = { .tv_nsec = timeout < NAP ? timeout : NAP };

	if (timeout > 0)
		nanosleep(&ts, NULL);
}

/* A read brought nothing: is that the end? */
static int at_end(struct file_source *s, int64_t timeout,
		  struct ingest_message *msg, struct err *err)
{
	int64_t now = time_monotonic();
	int ret = 0;

	if (s->o.once)
		return at_last_byte(s, msg, err);
	if (now >= s->look_at) {
		s->look_at = now + LOOK_EVERY;
		/* One gap at a time: its text is there until the commit. */
		if (s->given == 0 && s->waiting == 0)
			ret = look_at_size(s, err);
		if (ret == 0 && s->gap_offset < 0)
			ret = look_at_name(s, err);
	}
	if (ret < 0)
		return ret;
	if (s->gap_offset >= 0)
		return give_gap(s, msg);
	if (s->next_fd >= 0 && s->quiet_since == 0)
		s->quiet_since = now;
	if (s->quiet_since != 0 && now - s->quiet_since >= QUIET_FOR)
		return at_last_byte(s, msg, err);
	nap(timeout);
	return s->given == 0 && s->lines.offset != s->stored_offset ? INGEST_MOVED :
								      INGEST_IDLE;
}

static int file_next(struct ingest_source *base, int64_t timeout,
		     struct ingest_message *msg, struct err *err)
{
	struct file_source *s = (struct file_source *)base;
	struct ingest_line line;

	if (s->gap_offset >= 0)
		return give_gap(s, msg);
	for (;;) {
		int ret = ingest_lines_next(&s->lines, &line, err);

		if (ret < 0)
			return ret;
		if (ret == 1)
			return give_line(s, &line, msg);
		ret = ingest_lines_fill(&s->lines, s->fd, err);
		if (ret < 0) {
			err_prefix(err, "file \"%s\"", s->o.path);
			return ret;
		}
		if (ret == INGEST_LINES_LATER)
			return INGEST_IDLE; /* a commit makes room */
		if (ret == INGEST_LINES_END)
			return at_end(s, timeout, msg, err);
		s->quiet_since = 0;
	}
}

static int put_position(struct file_source *s, ingest_position_fn *fn, void *ctx,
			struct err *err)
{
	struct slice old = buf_slice(&s->stored_key);
	struct ingest_file_position p;
	int ret;

	buf_reset(&s->new_key);
	buf_reset(&s->value);
	ret = ingest_file_measure(s->fd, s->o.dataset->name, s->path_hash,
				  (uint64_t)s->lines.offset, &p, err);
	if (ret < 0) {
		err_prefix(err, "file \"%s\"", s->o.path);
		return ret;
	}
	ingest_file_key_put(&s->new_key, &p.key);
	ingest_file_value_put(&s->value, &p.value);
	ret = buf_error(&s->new_key, "a position", err);
	if (ret == 0)
		ret = buf_error(&s->value, "a position", err);
	if (ret == 0 && old.len > 0 && !slice_eq(old, buf_slice(&s->new_key)))
		ret = fn(ctx, old, slice_of(NULL, 0), err);
	if (ret == 0)
		ret = fn(ctx, buf_slice(&s->new_key), buf_slice(&s->value), err);
	if (ret < 0)
		return ret;
	s->stored_offset = s->lines.offset;
	return keep_key(s, &p.key, err);
}

static int file_positions(struct ingest_source *base, ingest_position_fn *fn,
			  void *ctx, struct err *err)
{
	struct file_source *s = (struct file_source *)base;
	int ret = 0;

	if (s->done_key.len > 0)
		ret = fn(ctx, buf_slice(&s->done_key), buf_slice(&s->done_value), err);
	if (ret == 0 && s->lines.offset != s->stored_offset)
		ret = put_position(s, fn, ctx, err);
	if (ret < 0)
		return ret;
	buf_reset(&s->done_key);
	buf_reset(&s->done_value);
	s->given = 0;
	s->waiting++;
	ingest_lines_cut(&s->lines);
	return 0;
}

static int file_committed(struct ingest_source *base, struct err *err)
{
	struct file_source *s = (struct file_source *)base;

	(void)err;
	s->waiting--;
	ingest_lines_committed(&s->lines);
	return 0;
}

static uint64_t file_lag(struct ingest_source *base)
{
	const struct file_source *s = (const struct file_source *)base;
	struct stat st;

	if (s->fd < 0 || fstat(s->fd, &st) < 0 || st.st_size < s->lines.offset)
		return UINT64_MAX;
	return (uint64_t)(st.st_size - s->lines.offset);
}

static void file_close(struct ingest_source *base)
{
	struct file_source *s = (struct file_source *)base;

	ingest_lines_release(&s->lines);
	buf_release(&s->stored_key);
	buf_release(&s->new_key);
	buf_release(&s->value);
	buf_release(&s->done_key);
	buf_release(&s->done_value);
	buf_release(&s->detail);
	if (s->fd >= 0)
		close(s->fd);
	if (s->next_fd >= 0)
		close(s->next_fd);
	mem_free(s->dir);
	mem_free(s);
}

static const struct ingest_source_ops file_ops = {
	.kind = "file",
	.next = file_next,
	.positions = file_positions,
	.committed = file_committed,
	.lag = file_lag,
	.lag_unit = "bytes",
	.close = file_close,
};

/* The directory by its real name, so that every spelling of the path finds
 * the same position. */
static int set_path(struct file_source *s, struct err *err)
{
	const char *slash = strrchr(s->o.path, '/');
	const char *base = slash ? slash + 1 : s->o.path;
	char real[PATH_MAX];
	struct buf b;
	int ret;

	s->dir = !slash ? mem_strdup(".") :
		 slash == s->o.path ? mem_strdup("/") :
		 mem_memdup_str(s->o.path, (size_t)(slash - s->o.path));
	if (!s->dir)
		return err_nomem(err);
	if (!realpath(s->dir, real))
		return cannot(s, "cannot open", err);
	buf_init(&b, 2 * PATH_MAX);
	buf_puts(&b, real);
	buf_putc(&b, '/');
	buf_puts(&b, base);
	s->path_hash = hash128(b.p, b.len);
	ret = buf_error(&b, "a path", err);
	buf_release(&b);
	return ret;
}

static int start(struct file_source *s, struct err *err)
{
	struct ingest_file_found found;
	int fd = -1;
	int ret = set_path(s, err);

	if (ret == 0)
		ret = open_regular(s, &fd, err);
	if (ret == 0)
		ret = ingest_file_look_up(s->o.store, s->o.dataset->name, fd,
					  s->path_hash, &found, err);
	if (ret == 0)
		ret = resume(s, fd, found.has_own ? &found.own : NULL, err);
	if (s->fd < 0 && fd >= 0)
		close(fd);
	if (ret == 0 && found.has_before)
		ret = resume_before(s, &found.before, err);
	return ret;
}

int ingest_file_open(struct ingest_source **out,
		     const struct ingest_file_options *o, struct err *err)
{
	struct file_source *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->base = (struct ingest_source){ .ops = &file_ops, .name = o->name };
	s->o = *o;
	s->fd = s->next_fd = -1;
	s->gap_offset = -1;
	buf_init(&s->stored_key, INDEX_POSITION_KEY_MAX);
	buf_init(&s->new_key, INDEX_POSITION_KEY_MAX);
	buf_init(&s->value, INDEX_POSITION_VALUE_MAX);
	buf_init(&s->done_key, INDEX_POSITION_KEY_MAX);
	buf_init(&s->done_value, INDEX_POSITION_VALUE_MAX);
	buf_init(&s->detail, ERR_MESSAGE_MAX);
	ret = ingest_lines_init(&s->lines, err);
	if (ret == 0)
		ret = start(s, err);
	if (ret < 0) {
		file_close(&s->base);
		return ret;
	}
	*out = &s->base;
	return 0;
}
