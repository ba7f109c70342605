/*
 * index/create.c - the files of a store: made once, owned by the group.
 *
 * A new store is built in DIR/.new and its data file renamed into place when
 * it is complete and durable.  A data.mdb that is there is therefore always a
 * whole one, and an empty one is damage, never a beginning.
 */
#include "index/create_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "index/env_int.h"
#include "index/lock_int.h"
#include "index/meta_int.h"

#define NEW_NAME ".new"

/* The group of the store's files, or the caller's own if there is no such. */
static gid_t store_group(void)
{
	struct group g, *found = NULL;
	char text[4096];

	if (getgrnam_r("crs", &g, text, sizeof(text), &found) != 0 || !found)
		return (gid_t)-1;
	return found->gr_gid;
}

/* Group, then mode: chown() takes the setgid bit away.  A caller who is not
 * in the group keeps his own. */
static int share(int fd, mode_t mode, const char *path, struct err *err)
{
	gid_t group = store_group();

	if (group != (gid_t)-1 && fchown(fd, (uid_t)-1, group) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return index_env_errno(
			errno, err, "could not set the group of \"%s\"", path);
	if (fchmod(fd, mode) < 0)
		return index_env_errno(
			errno, err, "could not set the mode of \"%s\"", path);
	return 0;
}

/* Makes what was done in a directory durable. */
static int sync_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	/* Some file systems have no sync for directories: EINVAL. */
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		ret = index_env_errno(errno, err, "could not sync \"%s\"",
				      path);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ERR_USAGE naming a file that no store has. */
static int check_content(const char *dir, struct err *err)
{
	static const char *const ours[] = {
		".",
		"..",
		INDEX_DATA_NAME,
		INDEX_READERS_NAME,
		INDEX_LOCK_NAME,
		NEW_NAME,
		"lost+found",
	};
	char stranger[256] = "";
	bool store = false;
	struct dirent *d;
	DIR *list = opendir(dir);

	if (!list && errno == ENOTDIR)
		return err_set(err, ERR_USAGE, "\"%s\" is not a directory",
			       dir);
	if (!list)
		return index_env_errno(errno, err,
				       "cannot read the directory \"%s\"", dir);
	while ((d = readdir(list)) != NULL) {
		size_t i = 0;

		store = store || strcmp(d->d_name, INDEX_DATA_NAME) == 0;
		while (i < ARRAY_SIZE(ours) && strcmp(d->d_name, ours[i]) != 0)
			i++;
		if (i == ARRAY_SIZE(ours))
			snprintf(stranger, sizeof(stranger), "%s", d->d_name);
	}
	closedir(list);
	if (store || !stranger[0])
		return 0;
	err_set(err, ERR_USAGE,
		"the directory \"%s\" holds other files (\"%s\"), "
		"not a store",
		dir, stranger);
	err_hint(err, "name a new or empty directory with --store");
	return ERR_USAGE;
}

int index_create_dir(const char *dir, struct err *err)
{
	int ret = 0;
	int fd;

	if (mkdir(dir, 0750) < 0) {
		if (errno == EEXIST)
			return check_content(dir, err);
		ret = index_env_errno(
			errno, err, "cannot create the directory \"%s\"", dir);
		if (ret == ERR_NOT_FOUND) {
			err_hint(err, "create its parent directory first");
			ret = err ? (err->code = ERR_USAGE) : ERR_USAGE;
		}
		return ret;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return index_env_errno(errno, err,
				       "cannot open the directory \"%s\"", dir);
	ret = share(fd, 02750, dir, err);
	close(fd);
	return ret;
}

/* Removes what a creation has left, also one that was killed. */
static void remove_new(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	unlinkat(fd, INDEX_DATA_NAME, 0);
	unlinkat(fd, INDEX_READERS_NAME, 0);
	close(fd);
	rmdir(path);
}

/* A whole store in directory `path`. */
static int build(const char *path, struct err *err)
{
	struct index_env *e = NULL;
	int ret, fd;

	ret = index_env_create(&e, path, err);
	if (ret < 0)
		return ret;
	ret = index_meta_init(e, err);
	if (ret == 0 && mdb_env_get_fd(e->mdb, &fd) == 0)
		ret = share(fd, 0640, path, err);
	index_env_close(e);
	return ret;
}

int index_create_store(const char *dir, struct err *err)
{
	char *target = NULL, *path = NULL, *built = NULL;
	int ret;

	ret = index_env_file(&target, dir, INDEX_DATA_NAME, err);
	if (ret < 0)
		goto out;
	if (access(target, F_OK) == 0)
		goto out;
	ret = index_env_file(&path, dir, NEW_NAME, err);
	if (ret < 0)
		goto out;
	ret = index_env_file(&built, path, INDEX_DATA_NAME, err);
	if (ret < 0)
		goto out;
	remove_new(path);
	if (mkdir(path, 0700) < 0) {
		ret = index_env_errno(errno, err, "could not create \"%s\"",
				      path);
		goto out;
	}
	ret = build(path, err);
	if (ret < 0)
		goto out;
	if (rename(built, target) < 0) {
		ret = index_env_errno(errno, err, "could not create \"%s\"",
				      target);
		goto out;
	}
	ret = sync_dir(dir, err);
out:
	if (path)
		remove_new(path);
	mem_free(built);
	mem_free(path);
	mem_free(target);
	return ret;
}

/* Why a reader cannot do without writing. */
static int not_writable(const char *path, int errnum, struct err *err)
{
	int ret = index_env_errno(errnum, err,
				  "cannot write \"%s\", where readers "
				  "of a store sign in",
				  path);

	if (errnum == EROFS)
		err_hint(err,
			 "the file system is read-only: mount it writable, or "
			 "copy the store's data.mdb to a directory that is");
	else if (errnum == ENOENT)
		err_hint(err, "the directory does not exist");
	else
		err_hint(err, "readers of a store belong to the group of its "
			      "directory, usually \"crs\"");
	return ret;
}

int index_create_readers_file(const char *dir, struct err *err)
{
	char *path = NULL;
	struct stat st;
	int fd = -1;
	int ret;

	ret = index_env_file(&path, dir, INDEX_READERS_NAME, err);
	if (ret < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (fd >= 0) {
		ret = share(fd, 0660, path, err);
		goto out;
	}
	if (errno != EEXIST) {
		ret = not_writable(path, errno, err);
		goto out;
	}
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		ret = not_writable(path, errno, err);
		goto out;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		ret = err_set(err, ERR_CORRUPT, "\"%s\" is not a regular file",
			      path);
out:
	if (fd >= 0)
		close(fd);
	mem_free(path);
	return ret;
}
