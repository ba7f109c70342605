/*
 * tests/unit/probe/test_event.c - events as JSON lines.
 */
#include "tests/test.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "probe/calls.h"
#include "probe/event.h"
#include "probe/facts.h"

struct fixture {
	struct probe_host host;
	struct probe_events events;
	struct seccomp_notif notif;
	struct probe_process process;
	struct probe_seen seen;
};

static void init(struct fixture *x)
{
	static const struct probe_labels labels = { .image = "img:1" };

	*x = (struct fixture){ .host = { .sensor_uuid = "S",
					 .runtime = "UNKNOWN",
					 .name = "h" } };
	assert_int_equal(probe_events_init(&x->events, &x->host, &labels, NULL),
			 0);
	x->notif.data.nr = SYS_openat;
	x->process.tgid = 7;
	x->seen.notif = &x->notif;
	x->seen.process = &x->process;
	x->seen.call = probe_call_by_nr(SYS_openat);
	x->seen.target.tid = 8;
	buf_init(&x->process.json, 1000);
	buf_init(&x->process.cwd, 1000);
}

static void release(struct fixture *x)
{
	probe_events_release(&x->events);
	buf_release(&x->process.json);
	buf_release(&x->process.cwd);
}

/* The line without its uuid and version, which differ. */
static const char *after_version(struct slice line)
{
	static char text[4000];
	const char *p;

	assert_non_null(line.p);
	assert_true(line.len < sizeof(text));
	memcpy(text, line.p, line.len);
	text[line.len] = '\0';
	assert_memory_equal(text, "{\"uuid\":\"", 9);
	p = strstr(text, "\"eventTime\"");
	assert_non_null(p);
	return p;
}

static void test_event__tells_an_attempt(void **state)
{
	struct probe_attempt a = {
		.rule = PROBE_RULE_WRITE,
		.system_call = "sys_write",
		.file_path = SLICE_LIT("/a\xff"),
		.arguments = { SLICE_LIT("x"), { NULL, 0 } },
		.narguments = 2,
		.quality = PROBE_UNREADABLE | PROBE_CUT,
		.count = 3,
	};
	struct fixture x;

	(void)state;
	init(&x);
	buf_puts(&x.process.json, "\"processId\":7,\"processName\":\"p\"");
	buf_puts(&x.process.cwd, "/w");
	x.process.cwd_known = true;
	assert_string_equal(
		after_version(probe_events_attempt(&x.events, &x.seen, &a, 1)),
		"\"eventTime\":\"1970-01-01T00:00:00.000000001Z\",\"count\":3,"
		"\"ruleType\":\"WRITE\",\"systemCall\":\"sys_write\","
		"\"via\":\"sys_openat\",\"systemCallNumber\":257,"
		"\"arguments\":[\"x\",\"\"],"
		"\"quality\":[\"unreadable\",\"truncated\"],"
		"\"action\":\"MONITOR\",\"containerRuntime\":\"UNKNOWN\","
		"\"imageName\":\"img\",\"imageTag\":\"1\",\"hostName\":\"h\","
		"\"processId\":7,\"processName\":\"p\",\"threadId\":8,"
		"\"workingDirectory\":\"/w\",\"filePath\":\"/a\\\\xff\"}\n");
	release(&x);
}

static void test_event__tells_addresses_and_refusals(void **state)
{
	struct probe_attempt a = {
		.rule = PROBE_RULE_INBOUND,
		.system_call = "sys_bind",
		.protocol = "TCP",
		.local = { AF_INET, { 127, 0, 0, 1 }, 0 },
		.remote = { AF_INET6, { [15] = 1 }, 0 },
		.refused = true,
		.message = "no",
	};
	struct fixture x;
	const char *line;

	(void)state;
	init(&x);
	line = after_version(probe_events_attempt(&x.events, &x.seen, &a, 0));
	assert_non_null(strstr(line, "\"action\":\"DENY\",\"enforced\":true,"));
	/* Port 0 was asked for here, and is nobody's there. */
	assert_non_null(strstr(line,
			       "\"processId\":7,\"threadId\":8,"
			       "\"protocol\":\"TCP\",\"localIp\":\"127.0.0.1\","
			       "\"localPort\":0,\"remoteIp\":\"::1\","
			       "\"message\":\"no\"}\n"));
	release(&x);
}

static void test_event__numbers_only_what_is_taken(void **state)
{
	struct probe_losses_now losses = { 1, 2, 3 };
	struct slice line;
	struct fixture x;
	char first[64];

	(void)state;
	init(&x);
	line = probe_events_sensor(&x.events, "START", &losses, NULL, 0);
	assert_non_null(memmem(line.p, line.len, "\"sensorSeq\":1,", 14));
	memcpy(first, line.p, 45);
	line = probe_events_sensor(&x.events, "LOSS", &losses, NULL, 0);
	assert_non_null(memmem(line.p, line.len, "\"sensorSeq\":1,", 14));
	assert_memory_not_equal(first, line.p, 45); /* but another uuid */
	assert_string_equal(
		after_version(line),
		"\"eventTime\":\"1970-01-01T00:00:00Z\",\"ruleType\":\"PROBE\","
		"\"sensorEvent\":\"LOSS\",\"containerRuntime\":\"UNKNOWN\","
		"\"imageName\":\"img\",\"imageTag\":\"1\",\"hostName\":\"h\","
		"\"droppedRing\":1,\"droppedSpool\":2,\"droppedRate\":3}\n");
	probe_events_taken(&x.events);
	line = probe_events_sensor(&x.events, "LOSS", &losses, NULL, 0);
	assert_non_null(memmem(line.p, line.len, "\"sensorSeq\":2,", 14));
	release(&x);
}

static void test_event__fails_without_memory(void **state)
{
	struct probe_losses_now losses = { 0, 0, 0 };
	struct fixture x;

	(void)state;
	init(&x);
	mem_fail_after(1);
	assert_null(
		probe_events_sensor(&x.events, "START", &losses, NULL, 0).p);
	mem_fail_after(0);
	assert_non_null(
		probe_events_sensor(&x.events, "START", &losses, NULL, 0).p);
	release(&x);
}

TEST_MAIN(TEST(test_event__tells_an_attempt),
	  TEST(test_event__tells_addresses_and_refusals),
	  TEST(test_event__numbers_only_what_is_taken),
	  TEST(test_event__fails_without_memory))
