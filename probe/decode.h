/*
 * probe/decode.h - from one trapped call to the attempts it makes.
 *
 * A decoder reads the registers and the memory of the caller and leaves what
 * it found in a struct probe_seen.  It never blocks on the sink and never
 * fails: what it could not read is said in `quality`.
 *
 * Memory: slices point into seen->arena or into the process facts, and live
 * until the next notification.
 */
#ifndef PROBE_DECODE_H
#define PROBE_DECODE_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "probe/sockaddr.h"
#include "probe/target.h"

struct probe_acceptor;
struct probe_call;
struct probe_process;
struct probe_sockets;

enum probe_rule {
	PROBE_RULE_READ,
	PROBE_RULE_WRITE,
	PROBE_RULE_OUTBOUND,
	PROBE_RULE_INBOUND,
	PROBE_RULE_SYSCALL,
};

enum probe_quality {
	PROBE_UNREADABLE = 1 << 0, /* an argument or a fact could not be read */
	PROBE_PEER_UNKNOWN = 1 << 1, /* nobody can tell yet who will connect */
	PROBE_CUT = 1 << 2,          /* a text or a list is longer than kept */
};

enum {
	PROBE_ATTEMPTS_MAX = 64, /* events of one call; sendmmsg makes many */
	PROBE_ARGUMENTS_MAX = 4,
	PROBE_EXEC_ARGS_MAX = 256, /* arguments of an exec that are kept */
	PROBE_EXEC_BYTES_MAX = 32 << 10, /* and their bytes together */
	PROBE_ARG_BYTES_MAX = 4 << 10,   /* and of each one */
};

/* One event to be: what the call would do, once it is let go. */
struct probe_attempt {
	enum probe_rule rule;
	const char *system_call;
	const char *protocol;   /* NULL: not known, or none */
	struct slice file_path; /* .p NULL: absent, like the next */
	struct slice exec_path;
	struct slice arguments[PROBE_ARGUMENTS_MAX];
	size_t narguments;
	const struct slice *exec_args;
	size_t nexec_args;
	struct probe_endpoint local, remote; /* .family 0: absent */
	unsigned quality;
	unsigned count;  /* alike ones folded into this one */
	bool has_return; /* the call was made by us */
	int return_code;
	const char *message;
	bool refused; /* answered with an error, by ourselves */
};

struct probe_seen {
	/* Given to the decoder. */
	const struct seccomp_notif *notif;
	const struct probe_call *call; /* NULL: a foreign architecture */
	struct probe_process *process;
	struct probe_target target;
	struct arena *arena;
	struct probe_sockets *sockets;
	struct probe_acceptor *acceptor;
	int self_fd; /* our own /proc/self/fd */
	int64_t now; /* monotonic ns */
	int refuse;  /* the errno it is answered with; 0: it goes on */

	/* Found by it. */
	struct probe_attempt attempts[PROBE_ATTEMPTS_MAX];
	size_t nattempts;
	bool accepted; /* the acceptor has the call's result */
	bool renames; /* a directory that processes work in may get another name */
};

/* A fresh attempt, or NULL when there is no room: the last one is marked cut. */
struct probe_attempt *probe_seen_add(struct probe_seen *seen,
				     enum probe_rule rule,
				     const char *system_call);

/* A path or other string argument; false leaves an empty slice.  *quality
 * gets PROBE_UNREADABLE or PROBE_CUT. */
bool probe_seen_string(struct probe_seen *seen, uint64_t addr,
		       struct slice *out, unsigned *quality);

static inline uint64_t probe_seen_arg(const struct probe_seen *seen, int i)
{
	return seen->notif->data.args[i];
}

static inline int probe_seen_fd(const struct probe_seen *seen, int i)
{
	return (int)(uint32_t)seen->notif->data.args[i];
}

/* The decoders of probe/calls.def. */
void probe_decode_execve(struct probe_seen *seen);
void probe_decode_execveat(struct probe_seen *seen);
void probe_decode_open(struct probe_seen *seen);
void probe_decode_creat(struct probe_seen *seen);
void probe_decode_openat(struct probe_seen *seen);
void probe_decode_openat2(struct probe_seen *seen);
void probe_decode_handle(struct probe_seen *seen);
void probe_decode_truncate(struct probe_seen *seen);
void probe_decode_rename(struct probe_seen *seen);
void probe_decode_renameat(struct probe_seen *seen);
void probe_decode_unlink(struct probe_seen *seen);
void probe_decode_unlinkat(struct probe_seen *seen);
void probe_decode_link(struct probe_seen *seen);
void probe_decode_linkat(struct probe_seen *seen);
void probe_decode_symlink(struct probe_seen *seen);
void probe_decode_symlinkat(struct probe_seen *seen);
void probe_decode_mknod(struct probe_seen *seen);
void probe_decode_mknodat(struct probe_seen *seen);
void probe_decode_connect(struct probe_seen *seen);
void probe_decode_sendto(struct probe_seen *seen);
void probe_decode_sendmsg(struct probe_seen *seen);
void probe_decode_sendmmsg(struct probe_seen *seen);
void probe_decode_bind(struct probe_seen *seen);
void probe_decode_accept(struct probe_seen *seen);
void probe_decode_io_uring(struct probe_seen *seen);
void probe_decode_ids(struct probe_seen *seen);
void probe_decode_cwd(struct probe_seen *seen);
void probe_decode_moved(struct probe_seen *seen);

#endif
