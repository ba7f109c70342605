/*
 * base/file.c - whole files, and writes that are not cut short.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 << 10 };

static int open_failed(const char *path, int errnum, struct err *err)
{
	int code = ERR_IO;

	if (errnum == ENOENT || errnum == ENOTDIR || errnum == ELOOP ||
	    errnum == ENAMETOOLONG || errnum == EISDIR)
		code = ERR_INPUT;
	else if (errnum == EACCES || errnum == EPERM)
		code = ERR_DENIED;
	return err_errno(err, code, errnum, "cannot read \"%s\"", path);
}

/* One read() into the end of `b`: its result, or a negative ERR_*. */
static ssize_t read_some(int fd, const char *path, struct buf *b, size_t step,
			 struct err *err)
{
	size_t room = b->max - b->len;
	ssize_t n;
	char *to;

	/* A full buffer is an error only if there is one byte more. */
	if (step > room)
		step = room + 1;
	to = buf_grow(b, step < room ? step : room);
	if (!to)
		return buf_error(b, path, err);
	do {
		char extra;

		n = room ? read(fd, to, step < room ? step : room) :
			   read(fd, &extra, 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return open_failed(path, errno, err);
	if (n > 0 && !room)
		b->error = ERR_LIMIT;
	else
		b->len += (size_t)n;
	return b->error ? buf_error(b, path, err) : n;
}

int file_read(const char *path, struct buf *b, struct err *err)
{
	size_t step = READ_STEP;
	struct stat st;
	ssize_t n = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return open_failed(path, errno, err);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		step = (size_t)st.st_size + 1;
	do {
		n = read_some(fd, path, b, step, err);
		step = READ_STEP;
	} while (n > 0);
	close(fd);
	return (int)n;
}

int file_write_all(int fd, const void *data, size_t n, struct err *err)
{
	const char *p = data;

	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			(void)poll(&pfd, 1, -1);
		} else if (errno == ENOSPC || errno == EDQUOT) {
			return err_errno(err, ERR_FULL, errno,
					 "could not write");
		} else if (errno != EINTR) {
			return err_errno(err, ERR_IO, errno, "could not write");
		}
	}
	return 0;
}
