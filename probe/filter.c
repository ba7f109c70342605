/*
 * probe/filter.c - the BPF program that decides which calls are trapped.
 *
 * A chain of compares, in the order of the table.  Its length costs the
 * untrapped calls nothing: the kernel keeps a bitmap of the numbers that the
 * program always allows.
 */
#include "probe/filter.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/calls.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the probe has no call table for this architecture"
#endif

#define FIELD(f) ((uint32_t)offsetof(struct seccomp_data, f))
#define ARG_LOW(i) ((uint32_t)offsetof(struct seccomp_data, args[i]))
#define ARG_HIGH(i) (ARG_LOW(i) + 4)

uint32_t probe_filter_arch(void)
{
	return NATIVE_ARCH;
}

bool probe_filter_is_foreign(int nr)
{
#ifdef X32_BIT
	return (uint32_t)nr >= X32_BIT;
#else
	(void)nr;
	return false;
#endif
}

static void emit(struct probe_filter *f, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	assert(f->n < PROBE_FILTER_MAX);
	f->code[f->n++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(struct probe_filter *f, uint32_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void equal(struct probe_filter *f, uint32_t k, uint8_t jt, uint8_t jf)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf);
}

static void verdict(struct probe_filter *f, uint32_t action)
{
	emit(f, BPF_RET | BPF_K, action, 0, 0);
}

/* The number is in the accumulator; what does not match falls through. */
static void emit_call(struct probe_filter *f, const struct probe_call *call)
{
	uint32_t nr = (uint32_t)call->nr;

	switch (call->when) {
	case PROBE_WHEN_ALWAYS:
		equal(f, nr, 0, 1);
		break;
	case PROBE_WHEN_HAS_ADDRESS:
		equal(f, nr, 0, 6);
		load(f, ARG_LOW(4));
		equal(f, 0, 0, 3);
		load(f, ARG_HIGH(4));
		equal(f, 0, 0, 1);
		verdict(f, SECCOMP_RET_ALLOW);
		break;
	case PROBE_WHEN_UNDUMPABLE:
		equal(f, nr, 0, 6);
		load(f, ARG_LOW(0));
		equal(f, PR_SET_DUMPABLE, 0, 2);
		load(f, ARG_LOW(1));
		equal(f, 0, 1, 0);
		verdict(f, SECCOMP_RET_ALLOW);
		break;
	case PROBE_WHEN_NEW_MOUNTS:
		equal(f, nr, 0, 4);
		load(f, ARG_LOW(0));
		emit(f, BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWNS, 1, 0);
		verdict(f, SECCOMP_RET_ALLOW);
		break;
	}
	verdict(f, SECCOMP_RET_USER_NOTIF);
}

void probe_filter_init(struct probe_filter *f)
{
	f->n = 0;
	load(f, FIELD(arch));
	equal(f, NATIVE_ARCH, 1, 0);
	verdict(f, SECCOMP_RET_USER_NOTIF);
	load(f, FIELD(nr));
#ifdef X32_BIT
	emit(f, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	verdict(f, SECCOMP_RET_USER_NOTIF);
#endif
	for (size_t i = 0; i < probe_ncalls; i++)
		emit_call(f, &probe_calls[i]);
	verdict(f, SECCOMP_RET_ALLOW);
}

int probe_filter_install(const struct probe_filter *f, unsigned *flags)
{
	struct sock_fprog prog = {
		.len = f->n,
		.filter = (struct sock_filter *)(uintptr_t)f->code,
	};
	unsigned wanted = *flags;
	bool nnp = false;

	for (;;) {
		long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				  wanted | SECCOMP_FILTER_FLAG_NEW_LISTENER,
				  &prog);

		if (fd >= 0) {
			*flags = wanted;
			return (int)fd;
		}
		if (errno == EINVAL && wanted) {
			wanted = 0; /* an older kernel: without the extras */
			continue;
		}
		if (errno != EACCES || nnp)
			return -errno;
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
			return -errno;
		nnp = true;
	}
}
