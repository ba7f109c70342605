/*
 * probe/decode.c - what the decoders share, and the calls that make no event
 * or are refused.
 */
#include "probe/decode.h"

#include <limits.h>

#include "probe/facts.h"

struct probe_attempt *probe_seen_add(struct probe_seen *seen,
				     enum probe_rule rule,
				     const char *system_call)
{
	struct probe_attempt *a;

	if (seen->nattempts == PROBE_ATTEMPTS_MAX) {
		seen->attempts[PROBE_ATTEMPTS_MAX - 1].quality |= PROBE_CUT;
		return NULL;
	}
	a = &seen->attempts[seen->nattempts++];
	*a = (struct probe_attempt){ .rule = rule, .system_call = system_call };
	return a;
}

bool probe_seen_string(struct probe_seen *seen, uint64_t addr,
		       struct slice *out, unsigned *quality)
{
	char text[PATH_MAX];
	ssize_t len;
	bool cut;

	*out = (struct slice){ NULL, 0 };
	len = probe_target_string(&seen->target, addr, text, sizeof(text),
				  &cut);
	if (len < 0) {
		*quality |= PROBE_UNREADABLE;
		return false;
	}
	if (cut)
		*quality |= PROBE_CUT;
	*out = arena_dup(seen->arena, slice_of(text, (size_t)len));
	if (out->p)
		return true;
	*quality |= PROBE_UNREADABLE;
	return false;
}

void probe_decode_io_uring(struct probe_seen *seen)
{
	struct probe_attempt *a =
		probe_seen_add(seen, PROBE_RULE_SYSCALL, "sys_io_uring_setup");

	if (!a)
		return;
	a->refused = true;
	a->message = "refused: what is done through an io_uring cannot be seen";
}

void probe_decode_ids(struct probe_seen *seen)
{
	probe_process_will_change_ids(seen->process, seen->now);
}

void probe_decode_cwd(struct probe_seen *seen)
{
	probe_process_will_chdir(seen->process, seen->target.tid);
}

void probe_decode_moved(struct probe_seen *seen)
{
	seen->process->elsewhere = true;
	probe_process_will_chdir(seen->process, seen->target.tid);
}
