/*
 * probe/socket.c - what can be known about a socket of another process.
 */
#include "probe/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"
#include "probe/facts.h"
#include "probe/procfs.h"

enum {
	TCP_STATE_ESTABLISHED = 1,
	NET_ROWS_MAX = 1 << 20, /* bytes of a /proc/PID/net file looked at */
	CHUNK = 16 << 10,
};

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char *protocol_name(int protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	default:
		return "OTHER";
	}
}

static bool look_through_fd(struct probe_process *p, int fd, bool accepting,
			    struct probe_socket *out)
{
	struct sockaddr_storage name;
	struct pollfd ready;
	socklen_t len = sizeof(int);
	int domain = 0, protocol = 0, dup;

	dup = (int)syscall(SYS_pidfd_getfd, p->pid_fd, fd, 0);
	if (dup < 0)
		return false;
	out->known = out->have_fd = true;
	if (getsockopt(dup, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0)
		out->ip = domain == AF_INET || domain == AF_INET6;
	len = sizeof(int);
	if (out->ip &&
	    getsockopt(dup, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0)
		out->protocol = protocol_name(protocol);
	len = sizeof(name);
	if (out->ip && getsockname(dup, (struct sockaddr *)&name, &len) == 0)
		(void)probe_sockaddr_decode(&name, len, &out->local);
	if (accepting && out->ip) {
		ready = (struct pollfd){ .fd = dup, .events = POLLIN };
		out->nonblocking = fcntl(dup, F_GETFL) & O_NONBLOCK;
		out->pending = poll(&ready, 1, 0) > 0;
	}
	close(dup);
	return true;
}

/* Calls `row` for each socket in the file until it returns true. */
static bool each_row(const struct probe_process *p, const char *file,
		     bool (*row)(const struct probe_net_row *r, void *arg),
		     void *arg)
{
	char text[CHUNK];
	size_t have = 0, total = 0;
	bool done = false;
	int fd = openat(p->proc_fd, file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (!done && total < NET_ROWS_MAX) {
		ssize_t got = read(fd, text + have, sizeof(text) - have);
		char *line = text, *end;

		if (got <= 0)
			break;
		have += (size_t)got;
		total += (size_t)got;
		while (!done && (end = memchr(line, '\n',
					      have - (size_t)(line - text)))) {
			struct probe_net_row r;

			if (probe_net_row_parse(line, (size_t)(end - line), &r))
				done = row(&r, arg);
			line = end + 1;
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
		if (have == sizeof(text))
			break; /* no line is that long */
	}
	close(fd);
	return done;
}

struct by_inode {
	uint64_t inode;
	struct probe_net_row found;
};

static bool is_inode(const struct probe_net_row *r, void *arg)
{
	struct by_inode *q = arg;

	if (r->inode != q->inode)
		return false;
	q->found = *r;
	return true;
}

static void look_through_proc(struct probe_process *p, int fd, bool accepting,
			      struct probe_socket *out)
{
	static const struct {
		const char *file, *protocol;
	} tables[] = {
		{ "net/tcp", "TCP" },
		{ "net/tcp6", "TCP" },
		{ "net/udp", "UDP" },
		{ "net/udp6", "UDP" },
	};
	struct by_inode query = { 0 };
	char name[32], text[256], *flags;

	snprintf(name, sizeof(name), "fd/%d", fd);
	if (p->proc_fd < 0 ||
	    probe_procfs_link(p->proc_fd, name, text, sizeof(text)) < 0 ||
	    strncmp(text, "socket:[", 8) != 0)
		return;
	query.inode = strtoull(text + 8, NULL, 10);
	for (size_t i = 0; query.inode && i < ARRAY_SIZE(tables); i++) {
		if (!each_row(p, tables[i].file, is_inode, &query))
			continue;
		out->known = out->ip = true;
		out->protocol = tables[i].protocol;
		out->local = query.found.local;
		break;
	}
	/* Who listens has a row; who is not bound yet has none. */
	out->known |= accepting;
	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	if (probe_procfs_read(p->proc_fd, name, text, sizeof(text)) < 0)
		return;
	flags = strstr(text, "flags:\t");
	if (flags)
		out->nonblocking = strtoul(flags + 7, NULL, 8) & O_NONBLOCK;
}

void probe_socket_look(struct probe_process *p, int fd, bool accepting,
		       struct probe_socket *out)
{
	struct probe_endpoint peer;

	*out = (struct probe_socket){ .known = false };
	if (look_through_fd(p, fd, accepting, out))
		return;
	look_through_proc(p, fd, accepting, out);
	if (accepting && out->local.family)
		out->pending = probe_socket_waiting(p, &out->local, &peer) > 0;
}

struct waiting {
	const struct probe_endpoint *listening;
	struct probe_endpoint peer;
	unsigned n;
	bool other_ip;
};

/* Not accepted yet: established, at our address, and of no inode. */
static bool is_waiting(const struct probe_net_row *r, void *arg)
{
	struct waiting *q = arg;
	struct probe_endpoint at = *q->listening, anywhere = { .family = 0 };

	at.port = 0;
	anywhere.family = at.family;
	if (r->state != TCP_STATE_ESTABLISHED || r->inode != 0 ||
	    r->local.port != q->listening->port)
		return false;
	if (!probe_endpoint_eq(&at, &anywhere) &&
	    memcmp(at.ip, r->local.ip, sizeof(at.ip)) != 0)
		return false;
	if (q->n == 0)
		q->peer = r->remote;
	else if (r->remote.family != q->peer.family ||
		 memcmp(r->remote.ip, q->peer.ip, sizeof(q->peer.ip)) != 0)
		q->other_ip = true;
	q->n++;
	return q->other_ip;
}

unsigned probe_socket_waiting(struct probe_process *p,
			      const struct probe_endpoint *listening,
			      struct probe_endpoint *peer)
{
	struct waiting query = { .listening = listening };

	(void)each_row(p, "net/tcp", is_waiting, &query);
	if (!query.other_ip)
		(void)each_row(p, "net/tcp6", is_waiting, &query);
	if (query.n > 1)
		query.peer.port = 0;
	if (query.n > 0 && !query.other_ip)
		*peer = query.peer;
	else
		*peer = (struct probe_endpoint){ .family = 0 };
	return query.n;
}
