/*
 * probe/sockaddr.c - socket addresses and message headers, as bytes.
 */
#include "probe/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	IN6_LEN_MIN = 24, /* RFC 2133: without the scope; the kernel takes it */
	NET_LINE_MAX = 512,
};

static void unmap(struct probe_endpoint *e)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (e->family == AF_INET6 && memcmp(e->ip, mapped, 12) == 0) {
		e->family = AF_INET;
		memmove(e->ip, e->ip + 12, 4);
		memset(e->ip + 4, 0, 12);
	}
}

bool probe_sockaddr_decode(const void *bytes, size_t len,
			   struct probe_endpoint *out)
{
	struct probe_endpoint e = { 0 };
	sa_family_t family;

	if (len < sizeof(family))
		return false;
	memcpy(&family, bytes, sizeof(family));
	if (family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;

		memcpy(&in, bytes, sizeof(in));
		e.family = AF_INET;
		e.port = ntohs(in.sin_port);
		memcpy(e.ip, &in.sin_addr, 4);
	} else if (family == AF_INET6 && len >= IN6_LEN_MIN) {
		struct sockaddr_in6 in6 = { 0 };

		memcpy(&in6, bytes, len < sizeof(in6) ? len : sizeof(in6));
		e.family = AF_INET6;
		e.port = ntohs(in6.sin6_port);
		memcpy(e.ip, &in6.sin6_addr, 16);
		unmap(&e);
	} else {
		return false;
	}
	*out = e;
	return true;
}

bool probe_endpoint_eq(const struct probe_endpoint *a,
		       const struct probe_endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool probe_endpoint_is_any(const struct probe_endpoint *e)
{
	static const uint8_t any[16];

	return e->port == 0 && memcmp(e->ip, any, sizeof(any)) == 0;
}

void probe_endpoint_ip(const struct probe_endpoint *e,
		       char out[PROBE_IP_TEXT_MAX])
{
	if (!inet_ntop(e->family, e->ip, out, PROBE_IP_TEXT_MAX))
		out[0] = '\0';
}

struct probe_msg_name probe_msghdr_name(const uint8_t bytes[PROBE_MSGHDR_SIZE])
{
	struct probe_msg_name name;

	memcpy(&name.addr, bytes, 8);
	memcpy(&name.len, bytes + 8, 4);
	if (name.len > PROBE_SOCKADDR_MAX)
		name.len = PROBE_SOCKADDR_MAX; /* as the kernel does */
	return name;
}

/* "0100007F:1F90" or 32 digits: words in host order.  NULL if it is not. */
static const char *parse_endpoint(const char *p, struct probe_endpoint *out)
{
	struct probe_endpoint e = { 0 };
	size_t digits = strspn(p, "0123456789ABCDEFabcdef");
	char *end;

	if (digits != 8 && digits != 32)
		return NULL;
	e.family = digits == 8 ? AF_INET : AF_INET6;
	for (size_t i = 0; i < digits / 8; i++) {
		char word[9] = { 0 };
		uint32_t v;

		memcpy(word, p + i * 8, 8);
		v = (uint32_t)strtoul(word, NULL, 16);
		memcpy(e.ip + i * 4, &v, 4);
	}
	p += digits;
	if (*p != ':')
		return NULL;
	e.port = (uint16_t)strtoul(p + 1, &end, 16);
	if (end == p + 1)
		return NULL;
	unmap(&e);
	*out = e;
	return end;
}

bool probe_net_row_parse(const char *line, size_t len,
			 struct probe_net_row *out)
{
	struct probe_net_row row = { 0 };
	char text[NET_LINE_MAX];
	const char *p;
	char *end;

	if (len >= sizeof(text))
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	p = strchr(text, ':'); /* "  12: 0100007F:1F90 ..." */
	if (!p || p[1] != ' ')
		return false;
	p = parse_endpoint(p + 2, &row.local);
	if (!p || *p != ' ')
		return false;
	p = parse_endpoint(p + 1, &row.remote);
	if (!p || *p != ' ')
		return false;
	row.state = (unsigned)strtoul(p + 1, &end, 16);
	/* tx:rx queue, tr:when, retransmits, uid, timeout; then the inode. */
	for (int skip = 0; skip < 5; skip++) {
		end += strspn(end, " ");
		end += strcspn(end, " ");
	}
	p = end + strspn(end, " ");
	row.inode = strtoull(p, &end, 10);
	if (end == p)
		return false;
	*out = row;
	return true;
}
