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
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe/facts.h"
#include "probe/procfs.h"

enum {
	TCP_STATE_ESTABLISHED = 1,
	NET_BYTES_MAX =
		1 << 20, /* of a /proc/PID/net file that are looked at */
	CHUNK = 16 << 10,
	LISTENING = 64,
	FIRST_BITE = 1 << 10, /* listening sockets come first, and suffice */
	SCAN_BURST_MS = 200,
	SCAN_PART = 50, /* reading takes this part of the time at most */
};

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct probe_sockets {
	int64_t credit;   /* ns of this thread that may go into reading */
	int64_t at;       /* when it was reckoned */
	int64_t spent_at; /* this thread's time when reading began */
	/* Listening sockets live long and are looked at often. */
	struct {
		uint64_t inode; /* 0: free */
		struct probe_socket is;
	} listening[LISTENING];
};

int probe_sockets_new(struct probe_sockets **out, struct err *err)
{
	struct probe_sockets *s = mem_calloc(1, sizeof(*s));

	if (!s)
		return err_nomem(err);
	s->credit = SCAN_BURST_MS * NS_PER_MS;
	s->at = time_monotonic();
	*out = s;
	return 0;
}

void probe_sockets_free(struct probe_sockets *s)
{
	mem_free(s);
}

static int64_t thread_time(void)
{
	struct timespec t = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static bool may_scan(struct probe_sockets *s)
{
	int64_t now = time_monotonic();

	s->credit += (now - s->at) / SCAN_PART;
	s->at = now;
	s->spent_at = thread_time();
	if (s->credit > SCAN_BURST_MS * NS_PER_MS)
		s->credit = SCAN_BURST_MS * NS_PER_MS;
	return s->credit > 0;
}

static void pay_scan(struct probe_sockets *s)
{
	s->credit -= thread_time() - s->spent_at;
}

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
	out->known = true;
	if (getsockopt(dup, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0)
		out->ip = domain == AF_INET || domain == AF_INET6;
	len = sizeof(int);
	if (out->ip &&
	    getsockopt(dup, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0)
		out->protocol = protocol_name(protocol);
	len = sizeof(name);
	if (out->ip && getsockname(dup, (struct sockaddr *)&name, &len) == 0)
		(void)probe_sockaddr_decode(&name, len, &out->local);
	if (!accepting || !out->ip) {
		close(dup);
		return true;
	}
	ready = (struct pollfd){ .fd = dup, .events = POLLIN };
	out->nonblocking = fcntl(dup, F_GETFL) & O_NONBLOCK;
	out->pending = poll(&ready, 1, 0) > 0;
	out->dup = dup;
	return true;
}

/* Calls `row` for each socket in the file until it returns true. */
static bool each_row(const struct probe_process *p, const char *file,
		     bool (*row)(const struct probe_net_row *r, void *arg),
		     void *arg)
{
	char text[CHUNK];
	size_t have = 0, total = 0, bite = FIRST_BITE;
	bool done = false;
	int fd = openat(p->proc_fd, file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (!done && total < NET_BYTES_MAX) {
		size_t room = sizeof(text) - have;
		ssize_t got = read(fd, text + have, room < bite ? room : bite);
		char *line = text, *end;

		if (got <= 0)
			break;
		have += (size_t)got;
		total += (size_t)got;
		bite = CHUNK;
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

static bool find_inode(const struct probe_process *p, enum probe_look how,
		       uint64_t inode, struct probe_socket *out)
{
	static const struct {
		enum probe_look how;
		const char *file, *protocol;
	} tables[] = {
		{ PROBE_LOOK_ACCEPT, "net/tcp", "TCP" },
		{ PROBE_LOOK_ACCEPT, "net/tcp6", "TCP" },
		{ PROBE_LOOK_BOUND, "net/udp", "UDP" },
		{ PROBE_LOOK_BOUND, "net/udp6", "UDP" },
	};
	struct by_inode query = { .inode = inode };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		if (tables[i].how != how ||
		    !each_row(p, tables[i].file, is_inode, &query))
			continue;
		out->known = out->ip = true;
		out->protocol = tables[i].protocol;
		out->local = query.found.local;
		return true;
	}
	return false;
}

/* Who listens has a row, if it is IP at all. */
static void find_listening(struct probe_sockets *s,
			   const struct probe_process *p, uint64_t inode,
			   struct probe_socket *out)
{
	size_t slot = (size_t)(inode % LISTENING);
	bool nonblocking = out->nonblocking;

	if (s->listening[slot].inode != inode) {
		if (!may_scan(s))
			return;
		(void)find_inode(p, PROBE_LOOK_ACCEPT, inode, out);
		pay_scan(s);
		out->known = true;
		s->listening[slot].inode = inode;
		s->listening[slot].is = *out;
	}
	*out = s->listening[slot].is;
	out->nonblocking = nonblocking;
}

static void look_through_proc(struct probe_sockets *s, struct probe_process *p,
			      int fd, enum probe_look how,
			      struct probe_socket *out)
{
	char name[32], text[256], *flags;
	uint64_t inode = 0;

	if (how == PROBE_LOOK_NEW || p->proc_fd < 0)
		return;
	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	if (how == PROBE_LOOK_ACCEPT &&
	    probe_procfs_read(p->proc_fd, name, text, sizeof(text)) > 0) {
		flags = strstr(text, "flags:\t");
		if (flags)
			out->nonblocking = strtoul(flags + 7, NULL, 8) &
					   O_NONBLOCK;
	}
	snprintf(name, sizeof(name), "fd/%d", fd);
	if (probe_procfs_link(p->proc_fd, name, text, sizeof(text)) > 0 &&
	    strncmp(text, "socket:[", 8) == 0)
		inode = strtoull(text + 8, NULL, 10);
	if (inode == 0)
		return;
	if (how == PROBE_LOOK_ACCEPT)
		find_listening(s, p, inode, out);
	else if (may_scan(s)) {
		(void)find_inode(p, how, inode, out);
		pay_scan(s);
	}
}

void probe_socket_look(struct probe_sockets *s, struct probe_process *p, int fd,
		       enum probe_look how, struct probe_socket *out)
{
	*out = (struct probe_socket){ .dup = -1 };
	if (!look_through_fd(p, fd, how == PROBE_LOOK_ACCEPT, out))
		look_through_proc(s, p, fd, how, out);
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

int probe_socket_waiting(struct probe_sockets *s, struct probe_process *p,
			 const struct probe_endpoint *listening,
			 struct probe_endpoint *peer)
{
	struct waiting query = { .listening = listening };

	*peer = (struct probe_endpoint){ .family = 0 };
	if (!listening->family || !may_scan(s))
		return -1;
	(void)each_row(p, "net/tcp", is_waiting, &query);
	if (!query.other_ip)
		(void)each_row(p, "net/tcp6", is_waiting, &query);
	pay_scan(s);
	if (query.n == 0 || query.other_ip)
		return (int)query.n;
	*peer = query.peer;
	if (query.n > 1)
		peer->port = 0;
	return (int)query.n;
}
