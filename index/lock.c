/*
 * index/lock.c - the one writer of a store.
 *
 * The file is never removed: a second writer could then lock a file that the
 * first one no longer has a name for.
 */
#include "index/lock_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "index/env_int.h"

/* The pid the holder wrote; 0 if there is none to be read. */
static int64_t holder(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoll(text, NULL, 10);
}

static int locked(int fd, const char *dir, struct err *err)
{
	int64_t pid = holder(fd);

	if (pid > 0) {
		err_set(err, ERR_LOCKED,
			"the store \"%s\" is being written by process %" PRId64,
			dir, pid);
		err_hint(err,
			 "one program writes a store: stop process %" PRId64
			 ", or name another directory with --store",
			 pid);
	} else {
		err_set(err, ERR_LOCKED,
			"the store \"%s\" is being written by another process",
			dir);
		err_hint(err, "one program writes a store: stop the other one, "
			      "or name another directory with --store");
	}
	return ERR_LOCKED;
}

/* A disk too full for the pid must not keep the writer from coming up and
 * making room, so failures are passed over. */
static void tell_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)getpid());
	ssize_t done = ftruncate(fd, 0);

	if (done == 0)
		done = pwrite(fd, text, (size_t)n, 0);
	(void)done;
}

int index_lock_take(int *out, const char *dir, struct err *err)
{
	char *path = NULL;
	int fd = -1;
	int ret;

	ret = index_env_file(&path, dir, INDEX_LOCK_NAME, err);
	if (ret < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0) {
		ret = index_env_errno(errno, err, "cannot write \"%s\"", path);
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		ret = errno == EWOULDBLOCK ?
			      locked(fd, dir, err) :
			      index_env_errno(errno, err, "cannot lock \"%s\"",
					      path);
		goto out;
	}
	tell_pid(fd);
	*out = fd;
	fd = -1;
out:
	index_lock_drop(fd);
	mem_free(path);
	return ret;
}

void index_lock_drop(int fd)
{
	if (fd >= 0)
		close(fd);
}
