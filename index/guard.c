/*
 * index/guard.c - faults inside a store's memory map become one line.
 *
 * A damaged page can send LMDB anywhere inside its map, also behind the end of
 * the file (SIGBUS), and a disk that cannot be read shows itself the same way.
 * None of that can be returned as an error from the middle of a library, so
 * the handler says what happened and ends the program.  The table below is
 * global because a signal handler has nothing else to look at.
 *
 * Only async-signal-safe calls may be used from fault() on down: each slot
 * carries its text ready made.
 */
#include "index/verify.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/term.h"
#include "index/guard_int.h"

enum {
	GUARD_SLOTS = 16, /* stores open at one time in a process */
	GUARD_TEXT = 640,
	GUARD_STACK = 64 << 10, /* AVX-512 frames alone take 3 KiB */
};

struct guard_slot {
	pid_t owner; /* 0: free; a forked child does not own its parent's */
	dev_t dev;
	ino_t ino;
	_Atomic(uintptr_t) map; /* 0: not armed */
	_Atomic(size_t) len;
	char text[GUARD_TEXT];
	size_t text_len;
};

static struct guard_slot slots[GUARD_SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static char program[64] = "crs";
/* The slot LMDB works for in this thread, plus 1; 0: it does not. */
static _Thread_local volatile sig_atomic_t inside;
static struct sigaction before_segv, before_bus;

static void make_text(struct guard_slot *s, const char *dir)
{
	char safe[400];
	struct buf b;
	int n;

	buf_init(&b, sizeof(safe) - 1);
	term_escape(&b, slice_str(dir), TERM_KEEP_NONE);
	n = snprintf(safe, sizeof(safe), "%s", b.error ? "?" : buf_cstr(&b));
	buf_release(&b);
	if (n < 0)
		safe[0] = '\0';
	n = snprintf(
		s->text, sizeof(s->text),
		"%s: the store \"%s\" is damaged or its disk cannot be read "
		"(a page of data.mdb); \"qql verify\" tells more\n",
		program, safe);
	s->text_len = n < 0 ? 0 : (size_t)n;
}

int index_guard_take(int *slot, const struct stat *st, const char *dir,
		     struct err *err)
{
	pid_t self = getpid();
	int free_slot = -1;
	int ret = 0;

	pthread_mutex_lock(&slots_lock);
	for (int i = 0; i < GUARD_SLOTS; i++) {
		struct guard_slot *s = &slots[i];

		if (s->owner != self) {
			free_slot = i;
		} else if (s->dev == st->st_dev && s->ino == st->st_ino) {
			ret = err_set(
				err, ERR_LOCKED,
				"the store \"%s\" is open in this process "
				"already",
				dir);
			goto out;
		}
	}
	if (free_slot < 0) {
		ret = err_set(err, ERR_LIMIT,
			      "more than %d stores cannot be open at one time",
			      GUARD_SLOTS);
		goto out;
	}
	atomic_store(&slots[free_slot].map, 0);
	make_text(&slots[free_slot], dir);
	slots[free_slot].dev = st->st_dev;
	slots[free_slot].ino = st->st_ino;
	slots[free_slot].owner = self;
	*slot = free_slot;
out:
	pthread_mutex_unlock(&slots_lock);
	return ret;
}

void index_guard_arm(int slot, const void *map, size_t len)
{
	atomic_store(&slots[slot].len, len);
	atomic_store(&slots[slot].map, (uintptr_t)map);
}

void index_guard_disarm(int slot)
{
	atomic_store(&slots[slot].map, 0);
}

void index_guard_release(int slot)
{
	if (slot < 0)
		return;
	pthread_mutex_lock(&slots_lock);
	atomic_store(&slots[slot].map, 0);
	slots[slot].owner = 0;
	pthread_mutex_unlock(&slots_lock);
}

void index_guard_enter(int slot)
{
	inside = slot + 1;
}

void index_guard_leave(void)
{
	inside = 0;
}

void index_guard_die(int slot)
{
	ssize_t n =
		write(STDERR_FILENO, slots[slot].text, slots[slot].text_len);

	(void)n; /* nobody is left to be told */
	_exit(3);
}

static void fault(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;

	(void)context;
	/* A positive code: the kernel says that an access failed, at si_addr. */
	if (info->si_code > 0 && inside > 0)
		index_guard_die(inside - 1);
	for (int i = 0; info->si_code > 0 && i < GUARD_SLOTS; i++) {
		uintptr_t map = atomic_load(&slots[i].map);

		if (map && slots[i].owner == getpid() && at >= map &&
		    at - map < atomic_load(&slots[i].len))
			index_guard_die(i);
	}
	/* Not ours: as it was before.  A failed access is repeated on return
	 * and meets the earlier action; a sent signal has to be sent again. */
	sigaction(sig, sig == SIGBUS ? &before_bus : &before_segv, NULL);
	if (info->si_code <= 0)
		raise(sig);
}

int index_guard_install(const char *name, struct err *err)
{
	static char stack[GUARD_STACK];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction act = { .sa_flags = SA_SIGINFO | SA_ONSTACK };

	snprintf(program, sizeof(program), "%s", name);
	act.sa_sigaction = fault;
	sigemptyset(&act.sa_mask);
	if (sigaltstack(&alt, NULL) < 0 ||
	    sigaction(SIGSEGV, &act, &before_segv) < 0 ||
	    sigaction(SIGBUS, &act, &before_bus) < 0)
		return err_errno(err, ERR_IO, errno,
				 "could not guard against damaged pages");
	return 0;
}
