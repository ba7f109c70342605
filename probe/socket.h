/*
 * probe/socket.h - what can be known about a socket of another process.
 *
 * A duplicate of the descriptor (pidfd_getfd) tells everything.  Where the
 * runtime's own filter refuses that call, /proc tells most: the socket's inode
 * is looked up among the rows of /proc/PID/net.
 */
#ifndef PROBE_SOCKET_H
#define PROBE_SOCKET_H

#include <stdbool.h>

#include "probe/sockaddr.h"

struct probe_process;

struct probe_socket {
	bool known;           /* whether the rest says anything */
	bool ip;              /* AF_INET or AF_INET6 */
	const char *protocol; /* "TCP", "UDP", "OTHER"; NULL: not known */
	struct probe_endpoint local; /* .family 0: not known */
	bool nonblocking;
	bool pending; /* an accept would find somebody */
	bool have_fd; /* it was looked at through a duplicate */
};

/* `accepting`: also find out nonblocking and pending. */
void probe_socket_look(struct probe_process *p, int fd, bool accepting,
		       struct probe_socket *out);

/*
 * The peers that wait to be accepted at the listening address: how many (at
 * most 2 is told apart from more), and the address if there is only one, or
 * the IP alone with port 0 if all have the same.
 */
unsigned probe_socket_waiting(struct probe_process *p,
			      const struct probe_endpoint *listening,
			      struct probe_endpoint *peer);

#endif
