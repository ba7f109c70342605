/*
 * probe/accept.h - accepting in the place of the caller.
 *
 * The peer of an accept is known only to who accepts: so if somebody waits, the
 * supervisor accepts the connection on a duplicate of the listening socket,
 * writes the peer's address where the caller wants it, and puts the connection
 * into the caller's descriptor table as the call's result.
 *
 * A connection that cannot be handed over (the caller was killed, its table is
 * full) waits for the next accept on the same socket.
 */
#ifndef PROBE_ACCEPT_H
#define PROBE_ACCEPT_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/sockaddr.h"

struct probe_acceptor;
struct probe_seen;

/* Keeps accept from blocking by a signal to the calling thread, which is the
 * only one to use it then.  ERR_NO_MEMORY, ERR_IO. */
MUST_CHECK int probe_acceptor_new(struct probe_acceptor **out, int listener,
				  struct err *err);
void probe_acceptor_free(struct probe_acceptor *a);

enum probe_take {
	PROBE_TAKE_DONE, /* *peer is set; probe_acceptor_answer() must follow */
	PROBE_TAKE_NOBODY, /* nobody waits, or another was quicker */
	PROBE_TAKE_CANNOT, /* somebody waits, but the call has to go on itself */
};

/* Accepts on `listening`, ours, which is taken over. */
enum probe_take probe_acceptor_take(struct probe_acceptor *a,
				    const struct probe_seen *seen,
				    int listening, bool pending,
				    struct probe_endpoint *peer);

/* Ends the call with the connection.  Its result is the descriptor in the
 * caller, or -errno; false: the caller is gone. */
bool probe_acceptor_answer(struct probe_acceptor *a,
			   const struct probe_seen *seen, int *result);

#endif
