/*
 * tests/unit/probe/test_sockaddr.c - addresses as a program may write them.
 */
#include "tests/test.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/compiler.h"
#include "probe/sockaddr.h"

static void test_sockaddr__takes_what_the_kernel_takes(void **state)
{
	static const struct {
		const char *name;
		unsigned char bytes[28];
		size_t len;
		bool good;
		const char *ip;
		unsigned port;
	} rows[] = {
		{ "v4",
		  { 2, 0, 0x1f, 0x90, 127, 0, 0, 1 },
		  16,
		  true,
		  "127.0.0.1",
		  8080 },
		{ "v4 and more",
		  { 2, 0, 0, 80, 1, 2, 3, 4 },
		  28,
		  true,
		  "1.2.3.4",
		  80 },
		{ "v4 cut", { 2, 0, 0, 80, 1, 2, 3, 4 }, 15, false, "", 0 },
		{ "v6",
		  { 10, 0, 1, 0xbb, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, [23] = 1 },
		  28,
		  true,
		  "2001:db8::1",
		  443 },
		{ "v6 without a scope",
		  { 10, 0, 0, 1, [23] = 1 },
		  24,
		  true,
		  "::1",
		  1 },
		{ "v6 cut", { 10, 0, 0, 1, [23] = 1 }, 23, false, "", 0 },
		{ "v4 in v6 clothes",
		  { 10, 0, 0, 53, [18] = 0xff, [19] = 0xff, 10, 9, 8, 7 },
		  28,
		  true,
		  "10.9.8.7",
		  53 },
		{ "unix", { 1, 0, '/', 'a' }, 16, false, "", 0 },
		{ "unspecified", { 0, 0 }, 16, false, "", 0 },
		{ "one byte", { 2 }, 1, false, "", 0 },
		{ "nothing", { 0 }, 0, false, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_endpoint e = { .family = 0 };
		char ip[PROBE_IP_TEXT_MAX] = "";

		test_row("%s", rows[i].name);
		assert_int_equal(probe_sockaddr_decode(rows[i].bytes,
						       rows[i].len, &e),
				 rows[i].good);
		if (!rows[i].good) {
			assert_int_equal(e.family, 0);
			continue;
		}
		probe_endpoint_ip(&e, ip);
		assert_string_equal(ip, rows[i].ip);
		assert_int_equal(e.port, rows[i].port);
	}
}

static void test_sockaddr__compares_all_parts(void **state)
{
	struct probe_endpoint a = { AF_INET, { 1, 2, 3, 4 }, 5 }, b = a;

	(void)state;
	assert_true(probe_endpoint_eq(&a, &b));
	b.port = 6;
	assert_false(probe_endpoint_eq(&a, &b));
	b = a;
	b.ip[3] = 5;
	assert_false(probe_endpoint_eq(&a, &b));
	b = a;
	b.family = AF_INET6;
	assert_false(probe_endpoint_eq(&a, &b));
	assert_false(probe_endpoint_is_any(&a));
	b = (struct probe_endpoint){ .family = AF_INET6 };
	assert_true(probe_endpoint_is_any(&b));
	b.port = 1;
	assert_false(probe_endpoint_is_any(&b));
}

static void test_sockaddr__finds_the_name_of_a_message(void **state)
{
	struct sockaddr_in in;
	struct msghdr m = { .msg_name = &in, .msg_namelen = sizeof(in) };
	struct probe_msg_name name;
	uint8_t bytes[PROBE_MSGHDR_SIZE];

	(void)state;
	assert_int_equal(sizeof(m), PROBE_MSGHDR_SIZE);
	assert_int_equal(sizeof(struct mmsghdr), PROBE_MMSGHDR_SIZE);
	memcpy(bytes, &m, sizeof(m));
	name = probe_msghdr_name(bytes);
	assert_true(name.addr == (uint64_t)(uintptr_t)&in);
	assert_int_equal(name.len, sizeof(in));
	m.msg_namelen = 100000;
	memcpy(bytes, &m, sizeof(m));
	assert_int_equal(probe_msghdr_name(bytes).len, PROBE_SOCKADDR_MAX);
}

static void test_sockaddr__reads_rows_of_proc_net(void **state)
{
	static const struct {
		const char *line;
		bool good;
		const char *local, *remote;
		unsigned local_port, remote_port, state;
		uint64_t inode;
	} rows[] = {
		{ "  sl  local_address rem_address   st tx_queue rx_queue",
		  false, "", "", 0, 0, 0, 0 },
		{ "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000"
		  " 00:00000000 00000000  1001        0 4711 1 0000000000000000 100 0 0 10 0",
		  true, "127.0.0.1", "0.0.0.0", 8080, 0, 10, 4711 },
		{ "  12: 0100007F:1F90 0200007F:C350 01 00000000:00000000"
		  " 00:00000000 00000000     0        0 0 1 0000000000000000",
		  true, "127.0.0.1", "127.0.0.2", 8080, 50000, 1, 0 },
		{ "   1: 00000000000000000000000001000000:0050"
		  " 0000000000000000FFFF00000100007F:0001 01 00000000:00000000"
		  " 00:00000000 00000000     0        0 9 1",
		  true, "::1", "127.0.0.1", 80, 1, 1, 9 },
		{ "   1: 0100007F:1F90 0200007F", false, "", "", 0, 0, 0, 0 },
		{ "   1: 0100007F 0200007F:1", false, "", "", 0, 0, 0, 0 },
		{ "   1: 01:1F90 02:1", false, "", "", 0, 0, 0, 0 },
		{ "   1: 0100007F:1F90 0200007F:C350 01", false, "", "", 0, 0,
		  0, 0 },
		{ "", false, "", "", 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_net_row r;
		char ip[PROBE_IP_TEXT_MAX];

		test_row("%s", rows[i].line);
		assert_int_equal(probe_net_row_parse(rows[i].line,
						     strlen(rows[i].line), &r),
				 rows[i].good);
		if (!rows[i].good)
			continue;
		probe_endpoint_ip(&r.local, ip);
		assert_string_equal(ip, rows[i].local);
		probe_endpoint_ip(&r.remote, ip);
		assert_string_equal(ip, rows[i].remote);
		assert_int_equal(r.local.port, rows[i].local_port);
		assert_int_equal(r.remote.port, rows[i].remote_port);
		assert_int_equal(r.state, rows[i].state);
		assert_true(r.inode == rows[i].inode);
	}
}

TEST_MAIN(TEST(test_sockaddr__takes_what_the_kernel_takes),
	  TEST(test_sockaddr__compares_all_parts),
	  TEST(test_sockaddr__finds_the_name_of_a_message),
	  TEST(test_sockaddr__reads_rows_of_proc_net))
