/*
 * probe/socket.h - what can be known about a socket of another process.
 *
 * A duplicate of the descriptor (pidfd_getfd) tells everything at once.  Where
 * the runtime's own filter refuses that call, /proc tells some of it: the
 * socket's inode is looked up among the rows of /proc/PID/net.  The kernel
 * walks its whole hash table for these files, milliseconds on a large machine,
 * so they are read only as long as that takes no more than a small part of the
 * time.
 */
#ifndef PROBE_SOCKET_H
#define PROBE_SOCKET_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/sockaddr.h"

struct probe_process;
struct probe_sockets;

enum probe_look {
	PROBE_LOOK_NEW,    /* connect, bind: most are in no table yet */
	PROBE_LOOK_BOUND,  /* sendto: a datagram socket */
	PROBE_LOOK_ACCEPT, /* also nonblocking and pending */
};

struct probe_socket {
	bool known;           /* whether the rest says anything */
	bool ip;              /* AF_INET or AF_INET6 */
	const char *protocol; /* "TCP", "UDP", "OTHER"; NULL: not known */
	struct probe_endpoint local; /* .family 0: not known */
	bool nonblocking;
	bool pending; /* an accept would find somebody */
	int dup;      /* for PROBE_LOOK_ACCEPT: ours, to be closed; or -1 */
};

MUST_CHECK int probe_sockets_new(struct probe_sockets **out, struct err *err);
void probe_sockets_free(struct probe_sockets *s);

void probe_socket_look(struct probe_sockets *s, struct probe_process *p, int fd,
		       enum probe_look how, struct probe_socket *out);

/*
 * Without a duplicate: how many wait at the listening address; -1: not known
 * now.  *peer: the only one of them; .family 0 if there are none or several,
 * .port 0 if there are several of one address.
 */
int probe_socket_waiting(struct probe_sockets *s, struct probe_process *p,
			 const struct probe_endpoint *listening,
			 struct probe_endpoint *peer);

#endif
