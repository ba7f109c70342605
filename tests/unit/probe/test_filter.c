/*
 * tests/unit/probe/test_filter.c - the verdicts of the BPF program, by running
 * it here.
 */
#include "tests/test.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/compiler.h"
#include "probe/calls.h"
#include "probe/filter.h"

/* What of BPF the filter uses. */
static uint32_t run(const struct probe_filter *f, const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < f->n; pc++) {
		const struct sock_filter *i = &f->code[pc];
		bool yes = false;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k + 4 <= sizeof(*d));
			memcpy(&a, (const char *)d + i->k, 4);
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = a & i->k;
			break;
		default:
			fail_msg("instruction %x", i->code);
		}
		pc += yes ? i->jt : i->jf;
	}
	fail_msg("fell off the end");
	return 0;
}

static void test_filter__traps_by_number_and_registers(void **state)
{
	static const struct {
		const char *name;
		int nr;
		uint64_t args[6];
		bool trapped;
	} rows[] = {
		{ "openat", SYS_openat, { 0 }, true },
		{ "execve", SYS_execve, { 0 }, true },
		{ "write", SYS_write, { 1 }, false },
		{ "read", SYS_read, { 0 }, false },
		{ "close", SYS_close, { 0 }, false },
		{ "ftruncate", SYS_ftruncate, { 0 }, false },
		{ "send", SYS_sendto, { 3, 9, 9, 0, 0, 16 }, false },
		{ "sendto low", SYS_sendto, { 3, 9, 9, 0, 1, 16 }, true },
		{ "sendto high",
		  SYS_sendto,
		  { 3, 9, 9, 0, UINT64_C(1) << 32, 16 },
		  true },
		{ "undumpable", SYS_prctl, { PR_SET_DUMPABLE, 0 }, true },
		{ "dumpable", SYS_prctl, { PR_SET_DUMPABLE, 1 }, false },
		{ "another prctl", SYS_prctl, { PR_SET_NAME, 0 }, false },
		{ "new mounts", SYS_unshare, { CLONE_NEWNS | CLONE_FS }, true },
		{ "new descriptors", SYS_unshare, { CLONE_FILES }, false },
		{ "chroot", SYS_chroot, { 0 }, true },
		{ "io_uring_setup", SYS_io_uring_setup, { 0 }, true },
		{ "getppid", SYS_getppid, { 0 }, false },
	};
	struct probe_filter f;

	(void)state;
	probe_filter_init(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seccomp_data d = { .nr = rows[i].nr,
					  .arch = probe_filter_arch() };

		test_row("%s", rows[i].name);
		memcpy(d.args, rows[i].args, sizeof(d.args));
		assert_true(run(&f, &d) == (rows[i].trapped ?
						    SECCOMP_RET_USER_NOTIF :
						    SECCOMP_RET_ALLOW));
	}
}

static void test_filter__traps_every_call_of_the_table(void **state)
{
	struct probe_filter f;

	(void)state;
	probe_filter_init(&f);
	for (size_t i = 0; i < probe_ncalls; i++) {
		const struct probe_call *c = &probe_calls[i];
		struct seccomp_data d = { .nr = c->nr,
					  .arch = probe_filter_arch() };

		test_row("%s", c->name);
		assert_ptr_equal(probe_call_by_nr(c->nr), c);
		if (c->when == PROBE_WHEN_ALWAYS)
			assert_true(run(&f, &d) == SECCOMP_RET_USER_NOTIF);
	}
	assert_null(probe_call_by_nr(SYS_write));
}

static void test_filter__lets_no_foreign_call_by(void **state)
{
	struct seccomp_data d = { .nr = SYS_write, .arch = AUDIT_ARCH_I386 };
	struct probe_filter f;

	(void)state;
	probe_filter_init(&f);
	assert_true(run(&f, &d) == SECCOMP_RET_USER_NOTIF);
#ifdef __x86_64__
	d.arch = probe_filter_arch();
	d.nr = SYS_write | 0x40000000;
	assert_true(run(&f, &d) == SECCOMP_RET_USER_NOTIF);
	d.nr = -1;
	assert_true(run(&f, &d) == SECCOMP_RET_USER_NOTIF);
#endif
}

TEST_MAIN(TEST(test_filter__traps_by_number_and_registers),
	  TEST(test_filter__traps_every_call_of_the_table),
	  TEST(test_filter__lets_no_foreign_call_by))
