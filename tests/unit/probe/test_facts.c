/*
 * tests/unit/probe/test_facts.c - what is remembered about processes.
 */
#include "tests/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/decode.h"
#include "probe/facts.h"

static struct probe_facts *facts;

static int setup(void **state)
{
	(void)state;
	return probe_facts_new(&facts, NULL);
}

static int teardown(void **state)
{
	(void)state;
	probe_facts_free(facts);
	return 0;
}

static struct probe_process *get(pid_t tid)
{
	return probe_facts_get(facts, tid, time_monotonic());
}

static bool says(const struct probe_process *p, const char *text)
{
	return memmem(p->json.p, p->json.len, text, strlen(text)) != NULL;
}

static void test_facts__knows_this_process(void **state)
{
	struct probe_process *p = get(getpid());
	char text[64], cwd[4096];

	(void)state;
	assert_int_equal(p->tgid, getpid());
	assert_int_equal(p->ppid, getppid());
	assert_int_equal(p->uid, geteuid());
	assert_int_equal(p->quality, 0);
	assert_false(p->elsewhere);
	snprintf(text, sizeof(text), "\"processId\":%d,", (int)getpid());
	assert_true(says(p, text));
	snprintf(text, sizeof(text), "\"parentProcessId\":%d,", (int)getppid());
	assert_true(says(p, text));
	assert_true(says(p, "\"processName\":\"test_facts\""));
	assert_true(says(p, "\"processArgs\":["));
	assert_true(says(p, "\"invokedPath\":"));
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_true(p->cwd_known);
	assert_slice(p->cwd, cwd);
	/* Kept, not read anew. */
	assert_ptr_equal(get(getpid()), p);
}

static void *thread_id(void *arg)
{
	*(_Atomic pid_t *)arg = (pid_t)syscall(SYS_gettid);
	pause();
	return NULL;
}

static void test_facts__knows_whose_thread_it_is(void **state)
{
	_Atomic pid_t tid = 0;
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, thread_id, &tid), 0);
	while (!tid)
		usleep(1000);
	assert_int_equal(get(tid)->tgid, getpid());
	assert_int_equal(get(tid)->tgid, getpid());
	pthread_cancel(t);
	pthread_join(t, NULL);
}

static void test_facts__follows_an_exec(void **state)
{
	int pair[2];
	struct probe_process *p;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		(void)!read(pair[0], &c, 1);
		execl("/bin/sleep", "sleep-by-another-name", "60", NULL);
		_exit(1);
	}
	p = get(pid);
	assert_true(says(p, "\"processName\":\"test_facts\""));
	probe_process_will_exec(p, pid);
	assert_int_equal(write(pair[1], "x", 1), 1);
	for (int i = 0; i < 1000; i++) {
		p->stale = true; /* as if it called again */
		p = get(pid);
		if (says(p, "\"commandLine\":\"sleep-by-another-name 60\""))
			break;
		usleep(1000);
	}
	assert_true(says(p, "\"commandLine\":\"sleep-by-another-name 60\""));
	assert_true(says(p, "\"invokedPath\":\"/bin/sleep\""));
	assert_false(p->stale);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Reaped: the number may be anybody's now. */
	p = get(pid);
	assert_int_equal(p->quality, PROBE_UNREADABLE);
	assert_int_equal(p->json.len, 0);
	close(pair[0]);
	close(pair[1]);
}

static void test_facts__follows_a_chdir(void **state)
{
	struct probe_process *p = get(getpid());
	char cwd[4096];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir("/proc"), 0);
	/* Nobody told: what is known stays. */
	assert_slice(get(getpid())->cwd, cwd);
	probe_process_will_chdir(p, getpid());
	p = get(getpid());
	assert_slice(p->cwd, "/proc");
	assert_int_equal(chdir(cwd), 0);
	probe_facts_will_rename(facts, time_monotonic());
	assert_slice(get(getpid())->cwd, cwd);
}

static void test_facts__opens_memory_before_ids_change(void **state)
{
	struct probe_process *p = get(getpid());

	(void)state;
	assert_int_equal(p->mem_fd, -1);
	probe_process_will_change_ids(p, time_monotonic());
	assert_true(p->mem_fd >= 0);
	p = get(getpid());
	assert_true(p->ids_until > 0);
	p->ids_until = 1;
	assert_true(get(getpid())->ids_until == 0);
	probe_process_will_exec(p, getpid());
	assert_int_equal(p->mem_fd, -1);
}

static void test_facts__forgets_the_least_used(void **state)
{
	enum { CHILDREN = PROBE_PROCESSES_MAX + 40 };
	static pid_t pids[CHILDREN];
	int seen = 0;

	(void)state;
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			pause();
			_exit(0);
		}
		assert_true(pids[i] > 0);
		assert_int_equal(get(pids[i])->tgid, pids[i]);
	}
	for (int i = 0; i < CHILDREN; i++) {
		seen += get(pids[i])->tgid == pids[i];
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	assert_int_equal(seen, CHILDREN);
}

static void test_facts__does_without_memory(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 12; n++) {
		struct probe_process *p;

		mem_fail_after(n);
		p = get(getpid());
		mem_fail_after(0);
		assert_int_equal(p->tgid, getpid());
		p->stale = true;
		p->exec_tid = getpid();
	}
	assert_true(says(get(getpid()), "\"processName\":\"test_facts\""));
}

#define FACTS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACTS_TEST(test_facts__knows_this_process),
		FACTS_TEST(test_facts__knows_whose_thread_it_is),
		FACTS_TEST(test_facts__follows_an_exec),
		FACTS_TEST(test_facts__follows_a_chdir),
		FACTS_TEST(test_facts__opens_memory_before_ids_change),
		FACTS_TEST(test_facts__forgets_the_least_used),
		FACTS_TEST(test_facts__does_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
