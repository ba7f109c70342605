/*
 * ingest/file_resume.c - which file is this, and how far was it read?
 */
#include "ingest/file_resume_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "index/commit.h"

enum {
	HEAD_MAX = 1024,
	TAIL_MAX = 256,
};

/* Hash of `len` (<= HEAD_MAX) bytes at `at`; *short_read if there are fewer. */
static int hash_range(int fd, uint64_t at, size_t len, struct hash128 *out,
		      bool *short_read, struct err *err)
{
	char bytes[HEAD_MAX];
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, bytes + got, len - got,
				  (off_t)(at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, errno, "could not read");
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*short_read = got < len;
	*out = hash128(bytes, got);
	return 0;
}

int ingest_file_measure(int fd, struct slice dataset, struct hash128 path,
			uint64_t offset, struct ingest_file_position *out,
			struct err *err)
{
	uint16_t head_len = (uint16_t)(offset < HEAD_MAX ? offset : HEAD_MAX);
	uint16_t tail_len = (uint16_t)(offset < TAIL_MAX ? offset : TAIL_MAX);
	struct hash128 head, tail;
	bool ignored; /* a file cut meanwhile shows at the next compare */
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0)
		return err_errno(err, ERR_IO, errno, "could not examine");
	ret = hash_range(fd, 0, head_len, &head, &ignored, err);
	if (ret == 0)
		ret = hash_range(fd, offset - tail_len, tail_len, &tail, &ignored, err);
	if (ret < 0)
		return ret;
	*out = (struct ingest_file_position){
		.key = { .dataset = dataset, .device = (uint64_t)st.st_dev,
			 .inode = (uint64_t)st.st_ino, .head = head },
		.value = { .offset = offset, .head_len = head_len,
			   .tail_len = tail_len, .tail = tail, .path = path },
	};
	return 0;
}

static bool hash_eq(struct hash128 a, struct hash128 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

int ingest_file_compare(int fd, const struct ingest_file_position *p,
			enum ingest_file_match *out, struct err *err)
{
	const struct ingest_file_value *v = &p->value;
	bool head_short, tail_short;
	struct hash128 head, tail;
	int ret;

	if (v->head_len > HEAD_MAX || v->tail_len > TAIL_MAX)
		return err_set(err, ERR_CORRUPT, "a stored file position is damaged");
	ret = hash_range(fd, 0, v->head_len, &head, &head_short, err);
	if (ret == 0)
		ret = hash_range(fd, v->offset - v->tail_len, v->tail_len, &tail,
				 &tail_short, err);
	if (ret < 0)
		return ret;
	if (!hash_eq(head, p->key.head))
		*out = head_short ? INGEST_FILE_SHORTER : INGEST_FILE_OTHER;
	else if (tail_short)
		*out = INGEST_FILE_SHORTER;
	else
		*out = hash_eq(tail, v->tail) ? INGEST_FILE_SAME : INGEST_FILE_CHANGED;
	return 0;
}

struct look_up {
	struct slice dataset;
	int fd;
	uint64_t device, inode;
	struct hash128 path;
	struct ingest_file_found found;
	struct err *err;
};

/* A position of the same device and inode: better than the one we have? */
static int offer_own(struct look_up *l, const struct ingest_file_position *p)
{
	enum ingest_file_match match;
	int ret = ingest_file_compare(l->fd, p, &match, l->err);

	if (ret < 0)
		return ret;
	/* Another beginning under a finished or foreign name is a reused
	 * inode: another file, and no loss. */
	if (match == INGEST_FILE_OTHER &&
	    (p->value.finished || !hash_eq(p->value.path, l->path)))
		return 0;
	if (match == INGEST_FILE_SAME || !l->found.has_own) {
		l->found.has_own = true;
		l->found.own = *p;
	}
	return 0;
}

static int look_at(void *ctx, struct slice key, struct slice value)
{
	struct ingest_file_position p;
	struct look_up *l = ctx;

	if (!ingest_file_key_get(key, &p.key) ||
	    !ingest_file_value_get(value, &p.value))
		return err_set(l->err, ERR_CORRUPT, "a stored file position is damaged");
	p.key.dataset = l->dataset;
	if (p.key.device == l->device && p.key.inode == l->inode)
		return offer_own(l, &p);
	if (!p.value.finished && hash_eq(p.value.path, l->path)) {
		l->found.has_before = true;
		l->found.before = p;
	}
	return 0;
}

int ingest_file_look_up(struct index_store *s, struct slice dataset, int fd,
			struct hash128 path, struct ingest_file_found *out,
			struct err *err)
{
	struct look_up l = { .dataset = dataset, .fd = fd, .path = path, .err = err };
	struct buf prefix;
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0)
		return err_errno(err, ERR_IO, errno, "could not examine");
	l.device = (uint64_t)st.st_dev;
	l.inode = (uint64_t)st.st_ino;
	buf_init(&prefix, INDEX_POSITION_KEY_MAX);
	ingest_file_prefix_put(&prefix, dataset);
	ret = buf_error(&prefix, "a position", err);
	if (ret == 0)
		ret = index_store_positions(s, buf_slice(&prefix), look_at, &l, err);
	if (ret == 0)
		*out = l.found;
	buf_release(&prefix);
	return ret;
}

/* Is the entry the wanted file?  1: *fd is open. */
static int try_entry(int dirfd, const char *name, uint64_t device,
		     uint64_t inode, int *fd)
{
	int f = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (f < 0)
		return 0;
	if (fstat(f, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_dev == device && (uint64_t)st.st_ino == inode) {
		*fd = f;
		return 1;
	}
	close(f);
	return 0;
}

int ingest_file_find(const char *dir, uint64_t device, uint64_t inode, int *fd,
		     struct err *err)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	int found = 0;

	if (!d)
		return err_errno(err, ERR_IO, errno, "could not open directory \"%s\"",
				 dir);
	while (!found && (e = readdir(d))) {
		if ((uint64_t)e->d_ino == inode)
			found = try_entry(dirfd(d), e->d_name, device, inode, fd);
	}
	closedir(d);
	return found;
}
