/*
 * ingest/source_spool.c - a probe's spool directory.
 *
 * A listing is read, its files are worked off in order, then it is read anew.
 * That happens only when nothing waits for a commit: the files that do wait
 * are still in the directory and would be met again.
 *
 * The position of a sensor is (first sensorSeq of the file, bytes of it):
 * whatever sorts before is stored, so meeting it again is harmless.
 */
#include "ingest/source_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/commit.h"
#include "ingest/lines_int.h"
#include "ingest/position.h"
#include "ingest/spool_list_int.h"

enum {
	DONE_MAX = 256,
	FILES = DONE_MAX + 1,
	NO_BATCH = UINT32_MAX, /* in none yet */
};

/* How often the directory is looked at, how often it is read even if it looks
 * unchanged, and how long an unlocked .open must be left alone: its writer may
 * stand between creating and locking it. */
#define LOOK_EVERY (50 * NS_PER_MS)
#define READ_EVERY NS_PER_S
#define SETTLED NS_PER_S
#define WARN_EVERY (60 * NS_PER_S)
#define NAP (5 * NS_PER_MS)

struct file {
	struct ingest_spool_file id;
	char name[INGEST_SPOOL_NAME_MAX];
	int fd;
	dev_t device;
	ino_t inode;
	bool has_gap;     /* it must be told that ... */
	char detail[120];
};

/* How far a sensor's files were given out, as long as that is not durable. */
struct touched {
	uint8_t sensor[16];
	uint32_t batch; /* the one that stores it, counted from the oldest that is
			 * not durable; or NO_BATCH */
	struct ingest_spool_value at;
};

struct spool_source {
	struct ingest_source base;
	struct ingest_spool_options o;
	int dirfd;
	uid_t owner;
	struct ingest_lines lines;
	struct ingest_spool_list list;
	size_t next;           /* file of the listing */
	/* Files read, to be unlinked when they are durable; their locks are held.
	 * Behind them, if `reading`, the current one. */
	struct file files[FILES]; /* a ring: messages borrow their names */
	unsigned first, ndone;
	bool reading;
	struct touched touched[FILES];
	unsigned ntouched;
	/* Batches closed and not yet durable, from the oldest: how many of
	 * files[] are read with it. */
	unsigned batches[LIMIT_QUEUE_BATCHES];
	unsigned nbatches;
	unsigned nclosed;      /* of files[], in all of them */
	uint64_t given;        /* messages since the last batch was closed */
	uint64_t stored;       /* files met again */
	uint64_t read;         /* files read since the listing */
	bool unsettled;        /* the listing had an unlocked, young .open */
	struct timespec mtime; /* of the directory at the last listing */
	int64_t listed_at, look_at, warned_at;
};

/* The i-th file that is read and not durable, or the current one. */
static struct file *file_at(struct spool_source *s, unsigned i)
{
	return &s->files[(s->first + i) % FILES];
}

static int dir_error(const struct spool_source *s, int errnum, const char *what,
		     struct err *err)
{
	int code = errnum == EACCES || errnum == EPERM ? ERR_DENIED :
		   errnum == ENOENT || errnum == ENOTDIR ? ERR_INPUT : ERR_IO;

	return err_errno(err, code, errnum, "%s spool directory \"%s\"", what,
			 s->o.dir);
}

/* Something about one file that must be said, but not a thousand times. */
static void warn_file(struct spool_source *s, const char *name, const char *why)
{
	int64_t now = time_monotonic();

	if (s->warned_at && now - s->warned_at < WARN_EVERY)
		return;
	s->warned_at = now;
	log_warn("spool file \"%s/%s\" %s", s->o.dir, name, why);
}

static void unlink_file(struct spool_source *s, const struct file *f)
{
	struct stat st;

	/* Another file may have taken the name; it is not ours to remove. */
	if (fstatat(s->dirfd, f->name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_dev != f->device || st.st_ino != f->inode)
		return;
	if (unlinkat(s->dirfd, f->name, 0) < 0)
		warn_file(s, f->name, "is stored and could not be removed");
}

struct look_up {
	struct ingest_spool_value *value;
	bool found;
};

static int look_at(void *ctx, struct slice key, struct slice value)
{
	struct look_up *l = ctx;

	(void)key;
	if (!ingest_spool_value_get(value, l->value))
		return ERR_CORRUPT;
	l->found = true;
	return 0;
}

static int put_key(struct buf *key, const struct spool_source *s,
		   const uint8_t sensor[16], struct err *err)
{
	struct ingest_spool_key k = { .dataset = s->o.dataset->name };

	memcpy(k.sensor, sensor, sizeof(k.sensor));
	buf_reset(key);
	ingest_spool_key_put(key, &k);
	return buf_error(key, "a position", err);
}

/* Where a sensor's files go on.  1: *at is set.  0: nothing is stored. */
static int position_of(struct spool_source *s, const uint8_t sensor[16],
		       struct ingest_spool_value *at, struct err *err)
{
	struct look_up l = { .value = at };
	struct buf key;
	int ret;

	for (unsigned i = 0; i < s->ntouched; i++) {
		if (memcmp(s->touched[i].sensor, sensor, 16) == 0) {
			*at = s->touched[i].at;
			return 1;
		}
	}
	buf_init(&key, INDEX_POSITION_KEY_MAX);
	ret = put_key(&key, s, sensor, err);
	if (ret == 0)
		ret = index_store_positions(s->o.store, buf_slice(&key), look_at, &l, err);
	buf_release(&key);
	if (ret == ERR_CORRUPT)
		return err_set(err, ret, "a stored spool position is damaged");
	return ret < 0 ? ret : l.found;
}

static void touch(struct spool_source *s, const uint8_t sensor[16],
		  uint64_t first, uint64_t offset)
{
	unsigned i = 0;

	while (i < s->ntouched && memcmp(s->touched[i].sensor, sensor, 16) != 0)
		i++;
	if (i == s->ntouched) {
		s->ntouched++;
		memcpy(s->touched[i].sensor, sensor, 16);
	}
	s->touched[i].batch = NO_BATCH;
	s->touched[i].at.first = first;
	s->touched[i].at.offset = offset;
}

/* May this file be read?  Else *f is closed again, with a warning. */
static bool is_acceptable(struct spool_source *s, struct file *f,
			  const struct stat *st)
{
	const char *why = !S_ISREG(st->st_mode) ? "is not a regular file: not read" :
			  st->st_uid != s->owner ?
				"does not belong to the directory's owner: not read" :
			  st->st_nlink > 1 ? "has more than one link: not read" :
			  st->st_nlink == 0 ? "" : NULL;

	if (!why)
		return true;
	if (*why)
		warn_file(s, f->name, why);
	return false;
}

/* An .open file: is its writer gone for good? */
static bool is_sealed(struct spool_source *s, const struct file *f,
		      const struct stat *st)
{
	int64_t written = (int64_t)st->st_mtim.tv_sec * NS_PER_S +
			  st->st_mtim.tv_nsec;
	int64_t age = time_now() - written;

	if (!f->id.open)
		return true;
	if (flock(f->fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	if (age >= 0 && age < SETTLED) {
		s->unsettled = true;
		return false;
	}
	return true;
}

enum opened { SKIP, BUSY, STORED, READ };

/* Opens *f and says what is to be done with it; *size is its length. */
static enum opened open_file(struct spool_source *s, struct file *f,
			     const struct ingest_spool_value *at, bool has_at,
			     uint64_t *size)
{
	struct stat st;

	ingest_spool_format(&f->id, f->name);
	f->fd = openat(s->dirfd, f->name,
		       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (f->fd < 0) {
		if (errno != ENOENT)
			warn_file(s, f->name, errno == ELOOP ?
				  "is a symbolic link: not read" :
				  "cannot be opened: not read");
		return SKIP;
	}
	if (fstat(f->fd, &st) < 0 || !is_acceptable(s, f, &st))
		return SKIP;
	f->device = st.st_dev;
	f->inode = st.st_ino;
	*size = (uint64_t)st.st_size;
	if (!is_sealed(s, f, &st))
		return BUSY;
	if (has_at && (f->id.first < at->first ||
		       (f->id.first == at->first && *size == at->offset)))
		return STORED;
	return READ;
}

/* Begins to read `f`, which is stored up to `at`. */
static int begin_file(struct spool_source *s, struct file *f, uint64_t size,
		      const struct ingest_spool_value *at, bool has_at,
		      struct err *err)
{
	uint64_t offset = has_at && at->first == f->id.first ? at->offset : 0;

	if (offset > size) {
		f->has_gap = true;
		snprintf(f->detail, sizeof(f->detail),
			 "expected to go on at byte %" PRIu64
			 ", the file is shorter: began again at byte 0", offset);
		offset = 0;
	}
	if (lseek(f->fd, (off_t)offset, SEEK_SET) < 0)
		return err_errno(err, ERR_IO, errno, "could not seek in \"%s/%s\"",
				 s->o.dir, f->name);
	*file_at(s, s->ndone) = *f;
	s->reading = true;
	s->read++;
	ingest_lines_restart(&s->lines, (int64_t)offset);
	touch(s, f->id.sensor, f->id.first, offset);
	return 0;
}

/* Takes files off the listing until one is to be read. */
static int next_file(struct spool_source *s, struct err *err)
{
	const uint8_t *busy = NULL; /* the rest of this sensor must wait */

	while (s->next < s->list.n && s->ndone < DONE_MAX) {
		struct file f = { .id = s->list.files[s->next], .fd = -1 };
		struct ingest_spool_value at = { .first = 0 };
		uint64_t size = 0;
		enum opened opened = BUSY;
		int has_at = position_of(s, f.id.sensor, &at, err);
		int ret = 0;

		if (has_at < 0)
			return has_at;
		if (!busy || memcmp(busy, f.id.sensor, 16) != 0)
			opened = open_file(s, &f, &at, has_at, &size);
		if (opened == BUSY)
			busy = s->list.files[s->next].sensor;
		s->next++;
		if (opened == READ)
			ret = begin_file(s, &f, size, &at, has_at, err);
		if (opened == READ && ret == 0)
			return 0;
		if (opened == STORED && f.id.first == at.first &&
		    s->ntouched > 0) {
			/* Its position may not be durable yet. */
			*file_at(s, s->ndone++) = f;
			continue;
		}
		if (opened == STORED) {
			s->stored++;
			unlink_file(s, &f);
		}
		if (f.fd >= 0)
			close(f.fd);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* The position behind what was given out of the current file. */
static void touch_current(struct spool_source *s)
{
	const struct ingest_spool_file *id = &file_at(s, s->ndone)->id;

	touch(s, id->sensor, id->first, (uint64_t)s->lines.offset);
}

/* The current file has no more. */
static void end_file(struct spool_source *s)
{
	touch_current(s);
	s->reading = false;
	s->ndone++;
}

/* Reads the listing anew if it is time and the directory has changed. */
static int look(struct spool_source *s, struct err *err)
{
	int64_t now = time_monotonic();
	struct stat st;
	int ret;

	if (now < s->look_at)
		return 0;
	s->look_at = now + LOOK_EVERY;
	if (fstat(s->dirfd, &st) < 0)
		return dir_error(s, errno, "could not examine", err);
	if (st.st_mtim.tv_sec == s->mtime.tv_sec &&
	    st.st_mtim.tv_nsec == s->mtime.tv_nsec && now < s->listed_at + READ_EVERY)
		return 0;
	s->unsettled = false;
	s->read = 0;
	s->next = 0;
	ret = ingest_spool_list_read(&s->list, s->dirfd, err);
	if (ret < 0) {
		err_prefix(err, "spool \"%s\"", s->o.dir);
		return ret;
	}
	s->mtime = st.st_mtim;
	s->listed_at = now;
	return 0;
}

static int give_gap(struct spool_source *s, struct file *f,
		    struct ingest_message *msg)
{
	f->has_gap = false;
	*msg = (struct ingest_message){
		.dataset = s->o.dataset,
		.timestamp = INGEST_NO_TIME,
		.origin = slice_str(f->name),
		.partition = -1,
		.offset = s->lines.offset,
		.refused = REFUSED_GAP,
		.detail = slice_str(f->detail),
	};
	s->given++;
	return INGEST_MESSAGE;
}

static int give_line(struct spool_source *s, const struct file *f,
		     const struct ingest_line *line, struct ingest_message *msg)
{
	*msg = (struct ingest_message){
		.dataset = s->o.dataset,
		.payload = line->text,
		.timestamp = INGEST_NO_TIME,
		.origin = slice_str(f->name),
		.partition = -1,
		.offset = line->offset,
		.refused = line->sha256 ? REFUSED_TOO_LARGE : REFUSED_NOT,
		.length = line->length,
		.sha256 = line->sha256,
	};
	s->given++;
	return INGEST_MESSAGE;
}

/* Reads on in the current file; 0: it is read to its end. */
static int read_file(struct spool_source *s, struct ingest_message *msg,
		     struct err *err)
{
	struct file *f = file_at(s, s->ndone);
	struct ingest_line line;

	if (f->has_gap)
		return give_gap(s, f, msg);
	for (;;) {
		int ret = ingest_lines_next(&s->lines, &line, err);

		if (ret == 0) {
			ret = ingest_lines_fill(&s->lines, f->fd, err);
			if (ret < 0)
				err_prefix(err, "spool file \"%s/%s\"", s->o.dir,
					   f->name);
			if (ret == INGEST_LINES_MORE)
				continue;
			if (ret == INGEST_LINES_LATER)
				return INGEST_IDLE; /* a commit makes room */
			if (ret == INGEST_LINES_END)
				ret = ingest_lines_rest(&s->lines, &line, err);
		}
		return ret == 1 ? give_line(s, f, &line, msg) : ret;
	}
}

/* The listing is worked off and stored. */
static int at_end(struct spool_source *s, int64_t timeout)
{
	struct timespec ts = { .tv_nsec = timeout < NAP ? timeout : NAP };

	if (s->o.once && s->listed_at && !s->unsettled && s->read == 0) {
		if (s->stored)
			log_info("already stored: %" PRIu64 " spool files in \"%s\"",
				 s->stored, s->o.dir);
		return INGEST_END;
	}
	if (timeout > 0)
		nanosleep(&ts, NULL);
	return INGEST_IDLE;
}

static int spool_next(struct ingest_source *base, int64_t timeout,
		      struct ingest_message *msg, struct err *err)
{
	struct spool_source *s = (struct spool_source *)base;
	int ret;

	for (;;) {
		if (s->reading) {
			ret = read_file(s, msg, err);
			if (ret != 0)
				return ret;
			end_file(s);
		}
		ret = next_file(s, err);
		if (ret < 0)
			return ret;
		if (s->reading)
			continue;
		if (s->ndone > s->nclosed || s->given > 0)
			return INGEST_MOVED;
		if (s->nbatches > 0)
			return INGEST_IDLE;
		ret = look(s, err);
		if (ret < 0)
			return ret;
		if (s->next == s->list.n)
			return at_end(s, timeout);
	}
}

static int spool_positions(struct ingest_source *base, ingest_position_fn *fn,
			   void *ctx, struct err *err)
{
	struct spool_source *s = (struct spool_source *)base;
	struct buf key, value;
	int ret = 0;

	if (s->reading)
		touch_current(s);
	buf_init(&key, INDEX_POSITION_KEY_MAX);
	buf_init(&value, INDEX_POSITION_VALUE_MAX);
	for (unsigned i = 0; ret == 0 && i < s->ntouched; i++) {
		if (s->touched[i].batch != NO_BATCH)
			continue;
		s->touched[i].batch = s->nbatches;
		buf_reset(&value);
		ingest_spool_value_put(&value, &s->touched[i].at);
		ret = put_key(&key, s, s->touched[i].sensor, err);
		if (ret == 0)
			ret = buf_error(&value, "a position", err);
		if (ret == 0)
			ret = fn(ctx, buf_slice(&key), buf_slice(&value), err);
	}
	buf_release(&key);
	buf_release(&value);
	s->batches[s->nbatches++] = s->ndone - s->nclosed;
	s->nclosed = s->ndone;
	s->given = 0;
	ingest_lines_cut(&s->lines);
	return ret;
}

/* Forgets how far the sensors of the oldest batch were read. */
static void forget_touched(struct spool_source *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->ntouched; i++) {
		struct touched t = s->touched[i];

		if (t.batch == 0)
			continue;
		if (t.batch != NO_BATCH)
			t.batch--;
		s->touched[n++] = t;
	}
	s->ntouched = n;
}

static int spool_committed(struct ingest_source *base, struct err *err)
{
	struct spool_source *s = (struct spool_source *)base;

	unsigned n = s->batches[0];

	(void)err;
	for (unsigned i = 0; i < n; i++) {
		unlink_file(s, file_at(s, i));
		close(file_at(s, i)->fd);
	}
	s->first = (s->first + n) % FILES;
	s->ndone -= n;
	s->nclosed -= n;
	s->nbatches--;
	memmove(s->batches, s->batches + 1, s->nbatches * sizeof(s->batches[0]));
	forget_touched(s);
	ingest_lines_committed(&s->lines);
	return 0;
}

static uint64_t spool_lag(struct ingest_source *base)
{
	const struct spool_source *s = (const struct spool_source *)base;

	return s->list.n - s->next + s->reading;
}

static void spool_close(struct ingest_source *base)
{
	struct spool_source *s = (struct spool_source *)base;

	for (unsigned i = 0; i < s->ndone + s->reading; i++)
		close(file_at(s, i)->fd);
	if (s->dirfd >= 0)
		close(s->dirfd);
	ingest_lines_release(&s->lines);
	ingest_spool_list_release(&s->list);
	mem_free(s);
}

static const struct ingest_source_ops spool_ops = {
	.kind = "spool",
	.next = spool_next,
	.positions = spool_positions,
	.committed = spool_committed,
	.lag = spool_lag,
	.lag_unit = "files",
	.close = spool_close,
};

int ingest_spool_open(struct ingest_source **out,
		      const struct ingest_spool_options *o, struct err *err)
{
	struct spool_source *s = mem_calloc(1, sizeof(*s));
	struct stat st;
	int ret;

	if (!s)
		return err_nomem(err);
	s->base = (struct ingest_source){ .ops = &spool_ops, .name = o->name };
	s->o = *o;
	ret = ingest_lines_init(&s->lines, err);
	s->dirfd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret == 0 && s->dirfd < 0)
		ret = dir_error(s, errno, "cannot open", err);
	if (ret == 0 && fstat(s->dirfd, &st) < 0)
		ret = dir_error(s, errno, "could not examine", err);
	if (ret < 0) {
		spool_close(&s->base);
		return ret;
	}
	s->owner = st.st_uid;
	*out = &s->base;
	return 0;
}
