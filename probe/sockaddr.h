/*
 * probe/sockaddr.h - socket addresses and message headers, as bytes.
 *
 * Pure functions over bytes that a watched program wrote: anything may stand
 * there.  A v4 address in v6 clothes (::ffff:a.b.c.d) comes out as v4.
 */
#ifndef PROBE_SOCKADDR_H
#define PROBE_SOCKADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBE_SOCKADDR_MAX = 128, PROBE_IP_TEXT_MAX = 48 };

struct probe_endpoint {
	int family;     /* AF_INET, AF_INET6; 0: none */
	uint8_t ip[16]; /* the first 4 bytes for AF_INET */
	uint16_t port;
};

/* False if the bytes are no IP address that the kernel would take. */
bool probe_sockaddr_decode(const void *bytes, size_t len,
			   struct probe_endpoint *out);
bool probe_endpoint_eq(const struct probe_endpoint *a,
		       const struct probe_endpoint *b);
/* Neither an address nor a port: a socket that is not bound. */
bool probe_endpoint_is_any(const struct probe_endpoint *e);
void probe_endpoint_ip(const struct probe_endpoint *e,
		       char out[PROBE_IP_TEXT_MAX]);

/* Where a struct msghdr says that its address is. */
struct probe_msg_name {
	uint64_t addr; /* 0: none */
	uint32_t len;
};

enum { PROBE_MSGHDR_SIZE = 56, PROBE_MMSGHDR_SIZE = 64 };
struct probe_msg_name probe_msghdr_name(const uint8_t bytes[PROBE_MSGHDR_SIZE]);

/*
 * One row of /proc/PID/net/{tcp,tcp6,udp,udp6}.  False for the heading and for
 * what is no such row.
 */
struct probe_net_row {
	struct probe_endpoint local, remote;
	unsigned state; /* 1 established, 10 listening */
	uint64_t inode; /* 0: not accepted yet */
};
bool probe_net_row_parse(const char *line, size_t len,
			 struct probe_net_row *out);

#endif
