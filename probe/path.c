/*
 * probe/path.c - which file a path argument means.
 *
 * A lookup is one openat() below the caller's /proc directory: "cwd/NAME" and
 * "fd/N/NAME" pass through the kernel's own links.  Only for a caller with
 * another root is an absolute path looked up below "root"; absolute links on a
 * relative path of such a caller are taken from our root.
 */
#include "probe/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"
#include "probe/decode.h"
#include "probe/facts.h"
#include "probe/procfs.h"

enum {
	LOOKUP_MAX = PATH_MAX + 64, /* a path behind "fd/N/" */
	DANGLING_MAX = 8,           /* links to follow to a file to be made */
};

/* Paths that mean another file to us than to the caller: /proc/self and what
 * the links in /dev make of it. */
static const struct {
	const char *prefix;
	bool thread;
	const char *rest;
} own_paths[] = {
	{ "/proc/self", false, "" },       { "/proc/thread-self", true, "" },
	{ "/dev/fd", false, "/fd" },       { "/dev/stdin", false, "/fd/0" },
	{ "/dev/stdout", false, "/fd/1" }, { "/dev/stderr", false, "/fd/2" },
};

static bool has_prefix(struct slice path, struct slice prefix)
{
	return path.len >= prefix.len &&
	       memcmp(path.p, prefix.p, prefix.len) == 0 &&
	       (path.len == prefix.len || path.p[prefix.len] == '/');
}

static struct slice after(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.len - n);
}

static bool join(char out[LOOKUP_MAX], const char *prefix, struct slice rest)
{
	size_t n = strlen(prefix);

	if (n + rest.len >= LOOKUP_MAX)
		return false;
	memcpy(out, prefix, n);
	memcpy(out + n, rest.p, rest.len);
	out[n + rest.len] = '\0';
	return true;
}

/* `path` as we must spell it to mean what the caller means. */
static bool spell_absolute(const struct probe_seen *seen, struct slice path,
			   char out[LOOKUP_MAX])
{
	char own[64];

	for (size_t i = 0; i < ARRAY_SIZE(own_paths); i++) {
		struct slice prefix = slice_str(own_paths[i].prefix);

		if (!has_prefix(path, prefix))
			continue;
		if (own_paths[i].thread)
			snprintf(own, sizeof(own), "/proc/%d/task/%d%s",
				 (int)seen->process->tgid,
				 (int)seen->target.tid, own_paths[i].rest);
		else
			snprintf(own, sizeof(own), "/proc/%d%s",
				 (int)seen->process->tgid, own_paths[i].rest);
		return join(out, own, after(path, prefix.len));
	}
	return join(out, "", path);
}

static void spell_base(int dirfd, char *out, size_t cap)
{
	if (dirfd == AT_FDCWD)
		snprintf(out, cap, "cwd");
	else
		snprintf(out, cap, "fd/%d", dirfd);
}

static int open_how(int base, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
		.resolve = resolve & ~(uint64_t)RESOLVE_CACHED,
	};

	return (int)syscall(SYS_openat2, base, path, &how, sizeof(how));
}

/* Below a base that is opened first: openat2 with its restrictions, or a
 * caller with another root. */
static int open_below(const struct probe_seen *seen, const char *base,
		      struct slice path, int flags, uint64_t resolve)
{
	char text[LOOKUP_MAX];
	int fd, base_fd;

	if (!join(text, "", path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	base_fd = openat(seen->process->proc_fd, base,
			 O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base_fd < 0)
		return -1;
	fd = open_how(base_fd, text, flags, resolve);
	close(base_fd);
	return fd;
}

static int open_path(const struct probe_seen *seen, int dirfd,
		     struct slice path, int flags, uint64_t resolve)
{
	const struct probe_process *p = seen->process;
	bool absolute = path.len > 0 && path.p[0] == '/';
	char text[LOOKUP_MAX], base[32];
	bool fits;

	flags |= O_PATH | O_CLOEXEC;
	if (path.len == 0 || p->proc_fd < 0) {
		errno = ENOENT;
		return -1;
	}
	spell_base(dirfd, base, sizeof(base));
	if (resolve)
		return open_below(seen, base, path, flags, resolve);
	if (absolute && p->elsewhere)
		return open_below(seen, "root", path, flags, RESOLVE_IN_ROOT);
	if (absolute) {
		fits = spell_absolute(seen, path, text);
	} else {
		strncat(base, "/", sizeof(base) - strlen(base) - 1);
		fits = join(text, base, path);
	}
	if (fits)
		return openat(p->proc_fd, text, flags);
	errno = ENAMETOOLONG;
	return -1;
}

/* The kernel's name for what `fd` is; .p NULL if it has none. */
static struct slice name_of(const struct probe_seen *seen, int fd)
{
	struct slice none = { NULL, 0 };
	char link[32], path[PATH_MAX], own[32];
	ssize_t len;
	size_t n;

	snprintf(link, sizeof(link), "%d", fd);
	len = probe_procfs_link(seen->self_fd, link, path, sizeof(path));
	if (len <= 0)
		return none;
	/* A link that led to /proc/self led to us. */
	n = (size_t)snprintf(own, sizeof(own), "/proc/%d", (int)getpid());
	if (has_prefix(slice_of(path, (size_t)len), slice_of(own, n))) {
		char text[LOOKUP_MAX];

		snprintf(own, sizeof(own), "/proc/%d",
			 (int)seen->process->tgid);
		if (join(text, own, slice_of(path + n, (size_t)len - n)))
			return arena_dup(seen->arena, slice_str(text));
	}
	return arena_dup(seen->arena, slice_of(path, (size_t)len));
}

/* Appends the components of `path` to the absolute path in out[0..n), taking
 * "." and ".." at their word. */
static size_t append(char *out, size_t n, size_t cap, struct slice path)
{
	while (path.len > 0) {
		const char *slash = memchr(path.p, '/', path.len);
		size_t len = slash ? (size_t)(slash - path.p) : path.len;
		struct slice name = slice_of(path.p, len);

		path = after(path, len + (slash != NULL));
		if (len == 0 || slice_eq(name, SLICE_LIT(".")))
			continue;
		if (slice_eq(name, SLICE_LIT(".."))) {
			while (n > 0 && out[--n] != '/')
				;
			continue;
		}
		if (n + 1 + len > cap)
			break;
		out[n++] = '/';
		memcpy(out + n, name.p, len);
		n += len;
	}
	return n;
}

/* Where the path starts, as text: the working directory or a descriptor's. */
static size_t base_text(const struct probe_seen *seen, int dirfd, char *out,
			size_t cap)
{
	char link[32];
	ssize_t len;

	if (dirfd == AT_FDCWD) {
		const struct probe_process *p = seen->process;

		if (!p->cwd_known || p->cwd.len >= cap)
			return 0;
		memcpy(out, p->cwd.p, p->cwd.len);
		return p->cwd.len;
	}
	snprintf(link, sizeof(link), "fd/%d", dirfd);
	len = probe_procfs_link(seen->process->proc_fd, link, out, cap);
	return len > 0 ? (size_t)len : 0;
}

/* The path by its text alone, when nothing better is to be had. */
static void take_text(struct probe_seen *seen, int dirfd, struct slice path,
		      struct probe_found *out)
{
	char text[2 * PATH_MAX];
	size_t n = 0;

	if (path.len == 0 || path.p[0] != '/') {
		n = base_text(seen, dirfd, text, PATH_MAX);
		if (n == 0)
			out->quality |= PROBE_UNREADABLE;
		if (n == 1)
			n = 0; /* "/": append() brings the slash */
	}
	n = append(text, n, sizeof(text), path);
	if (n == 0)
		text[n++] = '/';
	out->path = arena_dup(seen->arena, slice_of(text, n));
}

/* Splits "a/b/" into "a" and "b"; false if the last name is no entry. */
static bool split(struct slice path, struct slice *dir, struct slice *name)
{
	size_t n;

	while (path.len > 1 && path.p[path.len - 1] == '/')
		path.len--;
	n = path.len;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	*name = after(path, n);
	*dir = n == 0 ? SLICE_LIT(".") : slice_of(path.p, n);
	return name->len > 0 && !slice_eq(*name, SLICE_LIT(".")) &&
	       !slice_eq(*name, SLICE_LIT(".."));
}

/* Directory and name.  If the name is a symbolic link and `link` is not NULL,
 * *link gets the path it stands for. */
static bool find_entry(struct probe_seen *seen, int dirfd, struct slice path,
		       uint64_t resolve, struct slice *out, struct slice *link)
{
	char text[2 * PATH_MAX], name_text[NAME_MAX + 1], target[PATH_MAX];
	struct slice dir, name, base;
	ssize_t len = -1;
	size_t n;
	int fd;

	if (!split(path, &dir, &name) || name.len > NAME_MAX)
		return false;
	fd = open_path(seen, dirfd, dir, O_DIRECTORY, resolve);
	if (fd < 0)
		return false;
	base = name_of(seen, fd);
	memcpy(name_text, name.p, name.len);
	name_text[name.len] = '\0';
	if (link)
		len = probe_procfs_link(fd, name_text, target, sizeof(target));
	close(fd);
	if (!base.p || base.len >= PATH_MAX)
		return false;
	n = base.len == 1 ? 0 : base.len;
	memcpy(text, base.p, n);
	if (len > 0) {
		struct slice to = slice_of(target, (size_t)len);

		if (target[0] == '/')
			n = 0;
		n = append(text, n, sizeof(text), to);
		*link = arena_dup(seen->arena, slice_of(text, n));
		return link->p != NULL;
	}
	n = append(text, n, sizeof(text), name);
	*out = arena_dup(seen->arena, slice_of(text, n));
	return out->p != NULL;
}

/* The absolute path in plain components; false if that takes a lookup. */
static size_t plain_text(const struct probe_seen *seen, int dirfd,
			 struct slice path, char *out, size_t cap)
{
	bool absolute = path.len > 0 && path.p[0] == '/';
	size_t n = 0;

	if (path.len == 0 || path.len >= PATH_MAX ||
	    path.p[path.len - 1] == '/' || memmem(path.p, path.len, "..", 2))
		return 0;
	if (!absolute) {
		if (dirfd != AT_FDCWD)
			return 0;
		n = base_text(seen, dirfd, out, PATH_MAX);
		if (n == 0)
			return 0;
		n -= n == 1;
	}
	return append(out, n, cap, path);
}

/*
 * Most paths have no symbolic link in them: one lookup that allows none then
 * shows that the text is the name.  False: there is one, or the text is not
 * plain.
 */
static bool find_plain(struct probe_seen *seen, int dirfd, struct slice path,
		       enum probe_lookup how, struct probe_found *out)
{
	char text[2 * PATH_MAX];
	char *slash = NULL;
	size_t n;
	int fd;

	if (seen->process->elsewhere)
		return false;
	n = plain_text(seen, dirfd, path, text, sizeof(text) - 1);
	if (n == 0)
		return false;
	text[n] = '\0';
	if (how == PROBE_LOOKUP_ENTRY) {
		slash = strrchr(text, '/');
		*slash = '\0';
	}
	fd = open_how(AT_FDCWD, text[0] ? text : "/", 0, RESOLVE_NO_SYMLINKS);
	if (fd >= 0)
		close(fd);
	else if (errno == ELOOP)
		return false;
	else
		out->missing = errno == ENOENT || errno == ENOTDIR;
	if (slash)
		*slash = '/';
	out->path = arena_dup(seen->arena, slice_of(text, n));
	return true;
}

static void find_fully(struct probe_seen *seen, int dirfd, struct slice path,
		       enum probe_lookup how, uint64_t resolve,
		       struct probe_found *out)
{
	int flags = how == PROBE_LOOKUP_NOFOLLOW ? O_NOFOLLOW : 0;
	bool follow = how == PROBE_LOOKUP_FOLLOW && !resolve &&
		      !seen->process->elsewhere;
	struct slice at = path, link;
	int fd = -1;

	if (how != PROBE_LOOKUP_ENTRY) {
		fd = open_path(seen, dirfd, path, flags, resolve);
		out->missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	}
	if (fd >= 0) {
		out->path = name_of(seen, fd);
		close(fd);
		if (out->path.p)
			return;
	}
	/* Nothing there, or nothing to be followed: what would be made is in
	 * the directory, or where a dangling link points. */
	for (int i = 0; i < DANGLING_MAX && at.len > 0; i++) {
		link.p = NULL;
		if (!find_entry(seen, dirfd, at, resolve, &out->path,
				follow ? &link : NULL))
			break;
		if (!link.p)
			return;
		at = link;
	}
	take_text(seen, dirfd, path, out);
}

void probe_path_find(struct probe_seen *seen, int dirfd, struct slice path,
		     enum probe_lookup how, uint64_t resolve,
		     struct probe_found *out)
{
	*out = (struct probe_found){ .missing = false };
	if (resolve || !find_plain(seen, dirfd, path, how, out))
		find_fully(seen, dirfd, path, how, resolve, out);
}

void probe_path_of_fd(struct probe_seen *seen, int fd, struct probe_found *out)
{
	char link[32], path[PATH_MAX];
	ssize_t len;

	*out = (struct probe_found){ .missing = false };
	spell_base(fd, link, sizeof(link));
	len = probe_procfs_link(seen->process->proc_fd, link, path,
				sizeof(path));
	if (len > 0)
		out->path = arena_dup(seen->arena, slice_of(path, (size_t)len));
	else
		out->quality = PROBE_UNREADABLE;
}
