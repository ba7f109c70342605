/*
 * probe/decode_exec.c - execve and execveat.
 */
#include "probe/decode.h"

#include <fcntl.h>
#include <string.h>

#include "probe/facts.h"
#include "probe/path.h"

enum { POINTERS = 64 };

/* One argument.  What is cut or unreadable is still one argument. */
static struct slice read_arg(struct probe_seen *seen, uint64_t addr,
			     unsigned *quality)
{
	char text[PROBE_ARG_BYTES_MAX];
	struct slice arg;
	ssize_t len;
	bool cut;

	len = probe_target_string(&seen->target, addr, text, sizeof(text),
				  &cut);
	if (len < 0) {
		*quality |= PROBE_UNREADABLE;
		return SLICE_LIT("");
	}
	if (cut)
		*quality |= PROBE_CUT;
	arg = arena_dup(seen->arena, slice_of(text, (size_t)len));
	if (!arg.p)
		*quality |= PROBE_UNREADABLE;
	return arg;
}

static void read_args(struct probe_seen *seen, uint64_t addr,
		      struct probe_attempt *a)
{
	struct slice *args =
		arena_alloc(seen->arena, PROBE_EXEC_ARGS_MAX * sizeof(*args));
	uint64_t pointers[POINTERS];
	size_t n = 0, bytes = 0;

	if (!args) {
		a->quality |= PROBE_UNREADABLE;
		return;
	}
	a->exec_args = args;
	while (addr) {
		ssize_t got = probe_target_read(&seen->target, addr, pointers,
						sizeof(pointers));
		size_t here = got > 0 ? (size_t)got / 8 : 0;

		if (here == 0)
			a->quality |= PROBE_UNREADABLE;
		for (size_t i = 0; i < here; i++) {
			if (!pointers[i])
				return;
			if (n == PROBE_EXEC_ARGS_MAX ||
			    bytes >= PROBE_EXEC_BYTES_MAX) {
				a->quality |= PROBE_CUT;
				return;
			}
			args[n] = read_arg(seen, pointers[i], &a->quality);
			bytes += args[n].len;
			a->nexec_args = ++n;
		}
		if (here == 0)
			return;
		addr += here * 8;
	}
}

static void seen_exec(struct probe_seen *seen, int dirfd, uint64_t path_addr,
		      uint64_t args_addr, int flags)
{
	struct probe_attempt *a =
		probe_seen_add(seen, PROBE_RULE_SYSCALL, "sys_execve");
	struct probe_found found;
	struct slice path;

	probe_process_will_exec(seen->process, seen->target.tid);
	if (!a)
		return;
	if (probe_seen_string(seen, path_addr, &path, &a->quality)) {
		if (path.len == 0 && (flags & AT_EMPTY_PATH))
			probe_path_of_fd(seen, dirfd, &found);
		else
			probe_path_find(seen, dirfd, path,
					(flags & AT_SYMLINK_NOFOLLOW) ?
						PROBE_LOOKUP_NOFOLLOW :
						PROBE_LOOKUP_FOLLOW,
					0, &found);
		a->exec_path = found.path;
		a->quality |= found.quality;
		a->arguments[0] = path;
		a->narguments = 1;
	}
	read_args(seen, args_addr, a);
}

void probe_decode_execve(struct probe_seen *seen)
{
	seen_exec(seen, AT_FDCWD, probe_seen_arg(seen, 0),
		  probe_seen_arg(seen, 1), 0);
}

void probe_decode_execveat(struct probe_seen *seen)
{
	seen_exec(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		  probe_seen_arg(seen, 2), (int)probe_seen_arg(seen, 4));
}
