/*
 * probe/decode_file.c - opens, and calls that change names.
 */
#include "probe/decode.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "probe/path.h"

enum { FLAGS_TEXT_MAX = 256 };

#define READ_CALL "sys_open"
#define WRITE_CALL "sys_write"

static const struct {
	uint64_t bits;
	const char *name;
} open_flags[] = {
	{ O_CREAT, "O_CREAT" },       { O_EXCL, "O_EXCL" },
	{ O_TRUNC, "O_TRUNC" },       { O_APPEND, "O_APPEND" },
	{ O_TMPFILE, "O_TMPFILE" },   { O_DIRECTORY, "O_DIRECTORY" },
	{ O_NOFOLLOW, "O_NOFOLLOW" }, { O_PATH, "O_PATH" },
	{ O_NONBLOCK, "O_NONBLOCK" }, { O_CLOEXEC, "O_CLOEXEC" },
	{ O_SYNC, "O_SYNC" },         { O_DSYNC, "O_DSYNC" },
	{ O_DIRECT, "O_DIRECT" },     { O_NOCTTY, "O_NOCTTY" },
	{ O_NOATIME, "O_NOATIME" },
};

static struct slice flags_text(struct probe_seen *seen, uint64_t flags)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
					     "O_ACCMODE" };
	struct slice text;
	struct buf b;

	buf_init(&b, FLAGS_TEXT_MAX);
	buf_puts(&b, modes[flags & O_ACCMODE]);
	for (size_t i = 0; i < ARRAY_SIZE(open_flags); i++) {
		if ((flags & open_flags[i].bits) != open_flags[i].bits)
			continue;
		buf_putc(&b, '|');
		buf_puts(&b, open_flags[i].name);
		flags &= ~open_flags[i].bits;
	}
	text = arena_dup(seen->arena, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* What an open would do to the file. */
static bool wants_read(uint64_t flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static bool wants_write(uint64_t flags, bool missing)
{
	return (flags & O_ACCMODE) == O_WRONLY ||
	       (flags & O_ACCMODE) == O_RDWR || (flags & O_TRUNC) ||
	       ((flags & O_CREAT) && missing);
}

static void add_open(struct probe_seen *seen, enum probe_rule rule,
		     const char *system_call, const struct probe_found *found,
		     struct slice path, uint64_t flags, unsigned quality)
{
	struct probe_attempt *a = probe_seen_add(seen, rule, system_call);

	if (!a)
		return;
	a->file_path = found->path;
	a->quality = quality | found->quality;
	a->arguments[0] = path;
	a->arguments[1] = flags_text(seen, flags);
	a->narguments = 2;
}

/*
 * An open of something that is not there and would not be made is nobody's
 * event: programs look for their files in many places.  Neither is O_PATH,
 * which gives no access; what is opened through it is seen then.
 */
static void seen_open(struct probe_seen *seen, int dirfd, uint64_t path_addr,
		      uint64_t flags, uint64_t resolve)
{
	struct probe_found found = { .missing = false };
	struct slice path;
	unsigned quality = 0;
	bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);

	if (flags & O_PATH)
		return;
	if (probe_seen_string(seen, path_addr, &path, &quality)) {
		probe_path_find(seen, dirfd, path,
				(flags & O_NOFOLLOW) || exclusive ?
					PROBE_LOOKUP_NOFOLLOW :
					PROBE_LOOKUP_FOLLOW,
				resolve, &found);
		if (found.missing && !(flags & O_CREAT))
			return;
	}
	if (wants_read(flags))
		add_open(seen, PROBE_RULE_READ, READ_CALL, &found, path, flags,
			 quality);
	if (wants_write(flags, found.missing))
		add_open(seen, PROBE_RULE_WRITE, WRITE_CALL, &found, path,
			 flags, quality);
}

void probe_decode_open(struct probe_seen *seen)
{
	seen_open(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		  (uint32_t)probe_seen_arg(seen, 1), 0);
}

void probe_decode_creat(struct probe_seen *seen)
{
	seen_open(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		  O_CREAT | O_WRONLY | O_TRUNC, 0);
}

void probe_decode_openat(struct probe_seen *seen)
{
	seen_open(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		  (uint32_t)probe_seen_arg(seen, 2), 0);
}

void probe_decode_openat2(struct probe_seen *seen)
{
	struct open_how how = { 0 };

	/* Later versions of the structure only add to its end. */
	if (probe_seen_arg(seen, 3) < sizeof(how) ||
	    !probe_target_read_all(&seen->target, probe_seen_arg(seen, 2), &how,
				   sizeof(how))) {
		struct probe_found found = { .quality = PROBE_UNREADABLE };
		struct slice path;
		unsigned quality = 0;

		probe_seen_string(seen, probe_seen_arg(seen, 1), &path,
				  &quality);
		add_open(seen, PROBE_RULE_READ, READ_CALL, &found, path, 0,
			 quality);
		return;
	}
	seen_open(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		  how.flags, how.resolve);
}

/* A handle names no path, and only the privileged can open one. */
void probe_decode_handle(struct probe_seen *seen)
{
	struct probe_found found = { .quality = PROBE_UNREADABLE };
	uint64_t flags = (uint32_t)probe_seen_arg(seen, 2);
	struct slice none = { NULL, 0 };

	if (wants_read(flags))
		add_open(seen, PROBE_RULE_READ, READ_CALL, &found, none, flags,
			 0);
	if (wants_write(flags, false))
		add_open(seen, PROBE_RULE_WRITE, WRITE_CALL, &found, none,
			 flags, 0);
}

/* A path argument, and the file it means, as an argument of the event. */
static struct probe_found name_argument(struct probe_seen *seen, int dirfd,
					uint64_t addr, enum probe_lookup how,
					unsigned *quality)
{
	struct probe_found found = { .missing = false };
	struct slice path;

	if (!probe_seen_string(seen, addr, &path, quality))
		return found;
	probe_path_find(seen, dirfd, path, how, 0, &found);
	*quality |= found.quality;
	return found;
}

/* One WRITE of one name; the argument is the path as it was given. */
static void seen_change(struct probe_seen *seen, int dirfd, uint64_t addr,
			enum probe_lookup how)
{
	struct probe_attempt *a =
		probe_seen_add(seen, PROBE_RULE_WRITE, WRITE_CALL);
	struct probe_found found;

	if (!a || !probe_seen_string(seen, addr, &a->arguments[0], &a->quality))
		return;
	a->narguments = 1;
	probe_path_find(seen, dirfd, a->arguments[0], how, 0, &found);
	a->quality |= found.quality;
	a->file_path = found.path;
}

/* One WRITE of the new name, with both names as arguments. */
static struct probe_attempt *seen_rename(struct probe_seen *seen,
					 struct probe_found from, int new_dirfd,
					 uint64_t new_addr, unsigned quality)
{
	struct probe_attempt *a =
		probe_seen_add(seen, PROBE_RULE_WRITE, WRITE_CALL);
	struct probe_found to;

	if (!a)
		return NULL;
	to = name_argument(seen, new_dirfd, new_addr, PROBE_LOOKUP_ENTRY,
			   &quality);
	a->file_path = to.path;
	a->arguments[0] = from.path;
	a->arguments[1] = to.path;
	a->narguments = 2;
	a->quality = quality;
	return a;
}

void probe_decode_truncate(struct probe_seen *seen)
{
	seen_change(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		    PROBE_LOOKUP_FOLLOW);
}

void probe_decode_unlink(struct probe_seen *seen)
{
	seen_change(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		    PROBE_LOOKUP_ENTRY);
}

void probe_decode_unlinkat(struct probe_seen *seen)
{
	seen_change(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		    PROBE_LOOKUP_ENTRY);
}

void probe_decode_mknod(struct probe_seen *seen)
{
	seen_change(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		    PROBE_LOOKUP_ENTRY);
}

void probe_decode_mknodat(struct probe_seen *seen)
{
	seen_change(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		    PROBE_LOOKUP_ENTRY);
}

static void rename_between(struct probe_seen *seen, int old_dirfd,
			   uint64_t old_addr, int new_dirfd, uint64_t new_addr,
			   unsigned flags)
{
	struct probe_attempt *a;
	unsigned quality = 0;
	struct probe_found from;

	seen->renames = true;
	from = name_argument(seen, old_dirfd, old_addr, PROBE_LOOKUP_ENTRY,
			     &quality);
	a = seen_rename(seen, from, new_dirfd, new_addr, quality);
	if (a && (flags & RENAME_EXCHANGE))
		a->arguments[a->narguments++] = SLICE_LIT("RENAME_EXCHANGE");
}

void probe_decode_rename(struct probe_seen *seen)
{
	rename_between(seen, AT_FDCWD, probe_seen_arg(seen, 0), AT_FDCWD,
		       probe_seen_arg(seen, 1), 0);
}

/* renameat has no fifth argument: what stands in its register means nothing. */
void probe_decode_renameat(struct probe_seen *seen)
{
	bool flags = seen->notif->data.nr == SYS_renameat2;

	rename_between(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		       probe_seen_fd(seen, 2), probe_seen_arg(seen, 3),
		       flags ? (unsigned)probe_seen_arg(seen, 4) : 0);
}

static void link_between(struct probe_seen *seen, int old_dirfd,
			 uint64_t old_addr, int new_dirfd, uint64_t new_addr,
			 unsigned flags)
{
	struct probe_found from = { .missing = false };
	struct slice path;
	unsigned quality = 0;

	if (probe_seen_string(seen, old_addr, &path, &quality)) {
		if (path.len == 0 && (flags & AT_EMPTY_PATH))
			probe_path_of_fd(seen, old_dirfd, &from);
		else
			probe_path_find(seen, old_dirfd, path,
					(flags & AT_SYMLINK_FOLLOW) ?
						PROBE_LOOKUP_FOLLOW :
						PROBE_LOOKUP_ENTRY,
					0, &from);
		quality |= from.quality;
	}
	seen_rename(seen, from, new_dirfd, new_addr, quality);
}

void probe_decode_link(struct probe_seen *seen)
{
	link_between(seen, AT_FDCWD, probe_seen_arg(seen, 0), AT_FDCWD,
		     probe_seen_arg(seen, 1), 0);
}

void probe_decode_linkat(struct probe_seen *seen)
{
	link_between(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		     probe_seen_fd(seen, 2), probe_seen_arg(seen, 3),
		     (unsigned)probe_seen_arg(seen, 4));
}

/* A symbolic link keeps its text as it is: it need not lead anywhere. */
static void seen_symlink(struct probe_seen *seen, uint64_t text_addr, int dirfd,
			 uint64_t addr)
{
	struct probe_found text = { .missing = false };
	unsigned quality = 0;

	probe_seen_string(seen, text_addr, &text.path, &quality);
	seen_rename(seen, text, dirfd, addr, quality);
}

void probe_decode_symlink(struct probe_seen *seen)
{
	seen_symlink(seen, probe_seen_arg(seen, 0), AT_FDCWD,
		     probe_seen_arg(seen, 1));
}

void probe_decode_symlinkat(struct probe_seen *seen)
{
	seen_symlink(seen, probe_seen_arg(seen, 0), probe_seen_fd(seen, 1),
		     probe_seen_arg(seen, 2));
}
