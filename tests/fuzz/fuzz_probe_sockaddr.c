/*
 * tests/fuzz/fuzz_probe_sockaddr.c - addresses, message headers and rows of
 * /proc/PID/net, as a watched program or a kernel of tomorrow may write them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/sockaddr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct probe_endpoint e;
	struct probe_net_row row;
	char ip[PROBE_IP_TEXT_MAX];

	if (probe_sockaddr_decode(data, size, &e)) {
		probe_endpoint_ip(&e, ip);
		must(ip[0] != '\0' && strlen(ip) < sizeof(ip));
		must(probe_endpoint_eq(&e, &e));
	}
	if (size >= PROBE_MSGHDR_SIZE)
		must(probe_msghdr_name(data).len <= PROBE_SOCKADDR_MAX);
	if (probe_net_row_parse((const char *)data, size, &row)) {
		probe_endpoint_ip(&row.local, ip);
		must(ip[0] != '\0');
		probe_endpoint_ip(&row.remote, ip);
		must(ip[0] != '\0');
	}
	return 0;
}
