/* tests of ingest/notify.c */
#include "ingest/notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "tests/test.h"

/* A socket like systemd's, named by $NOTIFY_SOCKET; abstract names begin with
 * '@' there and with NUL in the address. */
static int listen_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	memcpy(a.sun_path, name, strlen(name));
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void test_notify__sends_datagrams(void **state)
{
	char names[2][64], got[64];

	(void)state;
	snprintf(names[0], sizeof(names[0]), "/tmp/crs-test-notify-%d", (int)getpid());
	snprintf(names[1], sizeof(names[1]), "@crs-test-notify-%d", (int)getpid());
	for (size_t i = 0; i < 2; i++) {
		int fd = listen_at(names[i]);
		ssize_t n;

		test_row("%s", names[i]);
		ingest_notify("READY=1");
		n = recv(fd, got, sizeof(got), 0);
		assert_int_equal(n, 7);
		assert_memory_equal(got, "READY=1", 7);
		close(fd);
	}
	unlink(names[0]);
	ingest_notify("READY=1"); /* nobody listens: no harm */
	unsetenv("NOTIFY_SOCKET");
	ingest_notify("READY=1");
}

static void test_notify__feeds_the_watchdog_at_half_time(void **state)
{
	char pid[32];

	(void)state;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("NOTIFY_SOCKET", "/run/x", 1);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(ingest_notify_watchdog(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(ingest_notify_watchdog(), 15 * NS_PER_S);
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(ingest_notify_watchdog(), 15 * NS_PER_S);
	setenv("WATCHDOG_PID", "1", 1); /* meant for another process */
	assert_int_equal(ingest_notify_watchdog(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "-5", 1);
	assert_int_equal(ingest_notify_watchdog(), 0);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
}

TEST_MAIN(TEST(test_notify__sends_datagrams),
	  TEST(test_notify__feeds_the_watchdog_at_half_time))
