/*
 * probe/decode_net.c - calls that reach for the network.
 *
 * Only IP is of interest: what has no IP address (a unix socket, netlink) makes
 * no event.
 */
#include "probe/decode.h"

#include "probe/accept.h"
#include "probe/socket.h"

enum { MESSAGES_AT_ONCE = 16, MESSAGES_MAX = 1024 /* UIO_MAXIOV */ };

#define OUT_CALL "sys_connect"
#define ACCEPT_CALL "sys_accept"
#define BIND_CALL "sys_bind"

/* An address argument: 1 an IP one, 0 another kind, -1 unreadable. */
static int read_address(struct probe_seen *seen, uint64_t addr, uint64_t len,
			struct probe_endpoint *out)
{
	uint8_t bytes[PROBE_SOCKADDR_MAX];

	if (len > sizeof(bytes))
		return 0; /* the kernel refuses it too */
	if (!probe_target_read_all(&seen->target, addr, bytes, (size_t)len))
		return -1;
	return probe_sockaddr_decode(bytes, (size_t)len, out);
}

static void take_socket(struct probe_attempt *a, const struct probe_socket *s)
{
	a->protocol = s->protocol;
	if (s->local.family && !probe_endpoint_is_any(&s->local))
		a->local = s->local;
}

static void seen_out(struct probe_seen *seen, int fd, uint64_t addr,
		     uint64_t len, enum probe_look how)
{
	struct probe_endpoint remote = { .family = 0 };
	struct probe_attempt *a;
	struct probe_socket s;
	int ip = read_address(seen, addr, len, &remote);

	if (ip == 0)
		return;
	probe_socket_look(seen->sockets, seen->process, fd, how, &s);
	if (s.known && !s.ip)
		return;
	a = probe_seen_add(seen, PROBE_RULE_OUTBOUND, OUT_CALL);
	if (!a)
		return;
	take_socket(a, &s);
	a->remote = remote;
	if (ip < 0)
		a->quality |= PROBE_UNREADABLE;
}

void probe_decode_connect(struct probe_seen *seen)
{
	seen_out(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 1),
		 (uint32_t)probe_seen_arg(seen, 2), PROBE_LOOK_NEW);
}

void probe_decode_sendto(struct probe_seen *seen)
{
	seen_out(seen, probe_seen_fd(seen, 0), probe_seen_arg(seen, 4),
		 (uint32_t)probe_seen_arg(seen, 5), PROBE_LOOK_BOUND);
}

/* A message without an address goes where the socket is connected to: that
 * was seen before. */
void probe_decode_sendmsg(struct probe_seen *seen)
{
	uint8_t header[PROBE_MSGHDR_SIZE];
	struct probe_msg_name name;

	if (!probe_target_read_all(&seen->target, probe_seen_arg(seen, 1),
				   header, sizeof(header)))
		return; /* EFAULT for the caller as well */
	name = probe_msghdr_name(header);
	if (name.addr && name.len)
		seen_out(seen, probe_seen_fd(seen, 0), name.addr, name.len,
			 PROBE_LOOK_BOUND);
}

/* Folds a destination that this call has already into its event. */
static bool fold(struct probe_seen *seen, const struct probe_endpoint *remote)
{
	for (size_t i = 0; i < seen->nattempts; i++) {
		struct probe_attempt *a = &seen->attempts[i];

		if (!probe_endpoint_eq(&a->remote, remote))
			continue;
		a->count = a->count ? a->count + 1 : 2;
		return true;
	}
	return false;
}

void probe_decode_sendmmsg(struct probe_seen *seen)
{
	uint64_t addr = probe_seen_arg(seen, 1);
	uint32_t n = (uint32_t)probe_seen_arg(seen, 2);
	int fd = probe_seen_fd(seen, 0);

	if (n > MESSAGES_MAX)
		n = MESSAGES_MAX; /* as the kernel does */
	while (n > 0) {
		uint8_t headers[MESSAGES_AT_ONCE][PROBE_MMSGHDR_SIZE];
		uint32_t here = n < MESSAGES_AT_ONCE ? n : MESSAGES_AT_ONCE;

		if (!probe_target_read_all(&seen->target, addr, headers,
					   here * sizeof(headers[0])))
			return;
		for (uint32_t i = 0; i < here; i++) {
			struct probe_msg_name name =
				probe_msghdr_name(headers[i]);
			struct probe_endpoint remote;

			if (!name.addr || !name.len)
				continue;
			if (read_address(seen, name.addr, name.len, &remote) !=
				    1 ||
			    !fold(seen, &remote))
				seen_out(seen, fd, name.addr, name.len,
					 PROBE_LOOK_BOUND);
		}
		addr += here * sizeof(headers[0]);
		n -= here;
	}
}

void probe_decode_bind(struct probe_seen *seen)
{
	struct probe_endpoint local = { .family = 0 };
	struct probe_attempt *a;
	struct probe_socket s;
	int ip = read_address(seen, probe_seen_arg(seen, 1),
			      (uint32_t)probe_seen_arg(seen, 2), &local);

	if (ip == 0)
		return;
	probe_socket_look(seen->sockets, seen->process, probe_seen_fd(seen, 0),
			  PROBE_LOOK_NEW, &s);
	if (s.known && !s.ip)
		return;
	a = probe_seen_add(seen, PROBE_RULE_INBOUND, BIND_CALL);
	if (!a)
		return;
	a->protocol = s.protocol;
	a->local = local;
	if (ip < 0)
		a->quality |= PROBE_UNREADABLE;
}

/*
 * If somebody waits, we accept in the caller's place and know the peer.  A
 * blocking accept that finds nobody is let go and not held: a held one could
 * not be interrupted by a signal.  A non-blocking one that finds nobody is a
 * server looking round.
 */
void probe_decode_accept(struct probe_seen *seen)
{
	struct probe_endpoint peer = { .family = 0 };
	enum probe_take take;
	struct probe_attempt *a;
	struct probe_socket s;

	probe_socket_look(seen->sockets, seen->process, probe_seen_fd(seen, 0),
			  PROBE_LOOK_ACCEPT, &s);
	if (s.known && !s.ip)
		return;
	if (s.dup >= 0)
		take = probe_acceptor_take(seen->acceptor, seen, s.dup,
					   s.pending, &peer);
	else if (probe_socket_waiting(seen->sockets, seen->process, &s.local,
				      &peer) == 0)
		take = PROBE_TAKE_NOBODY;
	else
		take = PROBE_TAKE_CANNOT;
	seen->accepted = take == PROBE_TAKE_DONE;
	if (s.nonblocking && take == PROBE_TAKE_NOBODY)
		return;
	a = probe_seen_add(seen, PROBE_RULE_INBOUND, ACCEPT_CALL);
	if (!a)
		return;
	a->protocol = s.protocol;
	a->local = s.local;
	a->remote = peer;
	if (!peer.port)
		a->quality |= PROBE_PEER_UNKNOWN;
}
