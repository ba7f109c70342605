/*
 * probe/facts.c - what is remembered about the watched processes.
 *
 * Invariant (F2): after an exec was let go, facts are read again at each
 * notification until one shows that the exec is over: it comes from the thread
 * that called exec, or that thread is gone (a thread that execs becomes its
 * leader).  The same holds for the working directory and chdir.
 */
#include "probe/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/decode.h"

enum {
	THREADS = 4096, /* direct-mapped: thread -> process */
	HINTS = 4096,
	RENAME_SETTLE_MS = 100, /* a rename has taken effect by then */
};

struct probe_facts {
	struct probe_process processes[PROBE_PROCESSES_MAX];
	size_t n, hand;
	uint16_t hints[HINTS]; /* where a process was seen last */
	struct {
		pid_t tid, tgid;
	} threads[THREADS]; /* those that lead no process */
	struct probe_process unknown;
	struct stat root, mounts; /* our own */
	int64_t renamed_at;
};

int probe_facts_new(struct probe_facts **out, struct err *err)
{
	struct probe_facts *f = mem_calloc(1, sizeof(*f));

	if (!f)
		return err_nomem(err);
	probe_process_init(&f->unknown);
	if (stat("/", &f->root) != 0 ||
	    stat("/proc/self/ns/mnt", &f->mounts) != 0) {
		mem_free(f);
		return err_errno(err, ERR_IO, errno, "cannot use /proc");
	}
	*out = f;
	return 0;
}

void probe_facts_free(struct probe_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		probe_process_release(&f->processes[i]);
	probe_process_release(&f->unknown);
	mem_free(f);
}

static struct probe_process *find(struct probe_facts *f, pid_t tgid)
{
	uint16_t *hint = &f->hints[(size_t)tgid % HINTS];

	if (*hint < f->n && f->processes[*hint].tgid == tgid)
		return &f->processes[*hint];
	for (size_t i = 0; i < f->n; i++) {
		if (f->processes[i].tgid != tgid)
			continue;
		*hint = (uint16_t)i;
		return &f->processes[i];
	}
	return NULL;
}

/* chroot, pivot_root or another mount namespace: our "/" is not theirs. */
static bool lives_elsewhere(const struct probe_facts *f,
			    const struct probe_process *p)
{
	struct stat st;

	if (fstatat(p->proc_fd, "root", &st, 0) == 0 &&
	    (st.st_dev != f->root.st_dev || st.st_ino != f->root.st_ino))
		return true;
	return fstatat(p->proc_fd, "ns/mnt", &st, 0) == 0 &&
	       st.st_ino != f->mounts.st_ino;
}

static struct probe_process *evict(struct probe_facts *f)
{
	for (;;) {
		struct probe_process *p = &f->processes[f->hand];

		f->hand = (f->hand + 1) % PROBE_PROCESSES_MAX;
		if (!p->used) {
			probe_process_release(p);
			return p;
		}
		p->used = false;
	}
}

/* The process that `tid` was of when it was looked up; else its own number. */
static pid_t remembered_process(const struct probe_facts *f, pid_t tid)
{
	size_t slot = (size_t)tid % THREADS;
	pid_t tgid = f->threads[slot].tgid;

	if (f->threads[slot].tid == tid &&
	    (syscall(SYS_tgkill, tgid, tid, 0) == 0 || errno == EPERM))
		return tgid;
	return tid;
}

static pid_t look_up_process(struct probe_facts *f, pid_t tid)
{
	struct probe_status st = { .tgid = -1 };
	size_t slot = (size_t)tid % THREADS;
	char dir[32];
	int fd;

	snprintf(dir, sizeof(dir), "/proc/%d", (int)tid);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (!probe_procfs_status(fd, &st))
		st.tgid = -1;
	close(fd);
	f->threads[slot].tid = tid;
	f->threads[slot].tgid = st.tgid;
	return st.tgid;
}

static struct probe_process *unknown(struct probe_facts *f, pid_t tid)
{
	probe_process_release(&f->unknown);
	probe_process_init(&f->unknown);
	f->unknown.tgid = tid;
	f->unknown.quality = PROBE_UNREADABLE;
	return &f->unknown;
}

static void read_new(struct probe_facts *f, struct probe_process *p)
{
	struct probe_process *parent = NULL;
	struct probe_image image;
	pid_t ppid = 0;

	p->elsewhere = lives_elsewhere(f, p);
	if (probe_procfs_image(p->proc_fd, &ppid, &image))
		parent = find(f, ppid);
	if (parent && probe_process_take_after(p, parent, &image))
		return;
	(void)probe_process_read_ids(p);
	probe_process_read(p, find(f, p->ppid));
}

/* NULL if the process is gone, or `tgid` is a thread that leads none. */
static struct probe_process *remember(struct probe_facts *f, pid_t tgid)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, tgid, 0), proc_fd;
	struct probe_process *p;
	char dir[32];

	if (pid_fd < 0)
		return NULL;
	snprintf(dir, sizeof(dir), "/proc/%d", (int)tgid);
	proc_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0) {
		close(pid_fd);
		return NULL;
	}
	p = f->n < PROBE_PROCESSES_MAX ? &f->processes[f->n++] : evict(f);
	probe_process_init(p);
	p->tgid = tgid;
	p->pid_fd = pid_fd;
	p->proc_fd = proc_fd;
	read_new(f, p);
	return p;
}

static bool is_settled(const struct probe_process *p, pid_t caller, pid_t tid)
{
	if (tid == caller)
		return true;
	return syscall(SYS_tgkill, p->tgid, caller, 0) != 0 && errno == ESRCH;
}

static void forget(struct probe_facts *f, struct probe_process *p)
{
	probe_process_release(p);
	f->n--;
	*p = f->processes[f->n];
}

/* What may have changed since the process was got before. */
static void refresh(struct probe_facts *f, struct probe_process *p, pid_t tid,
		    int64_t now)
{
	bool over; /* asked before reading (F2) */

	p->used = true;
	if (p->stale) {
		over = is_settled(p, p->exec_tid, tid);
		(void)probe_process_read_ids(p);
		probe_process_read(p, find(f, p->ppid));
		p->stale = !over;
	} else if (p->ids_until) {
		if (probe_process_read_ids(p))
			probe_process_render(p);
		if (now > p->ids_until)
			p->ids_until = 0;
	}
	if (!p->cwd_stale &&
	    p->cwd_at > f->renamed_at + RENAME_SETTLE_MS * NS_PER_MS)
		return;
	over = !p->cwd_stale || is_settled(p, p->cwd_tid, tid);
	probe_process_read_cwd(p, now);
	p->cwd_stale = !over;
}

/* The process numbered so, if it is there. */
static struct probe_process *get(struct probe_facts *f, pid_t tgid)
{
	struct probe_process *p = find(f, tgid);

	if (p && probe_process_alive(p))
		return p;
	if (p)
		forget(f, p);
	return remember(f, tgid);
}

struct probe_process *probe_facts_get(struct probe_facts *f, pid_t tid,
				      int64_t now)
{
	pid_t tgid = remembered_process(f, tid);
	struct probe_process *p = get(f, tgid);

	if (!p) {
		tgid = look_up_process(f, tid);
		p = tgid > 0 ? get(f, tgid) : NULL;
	}
	if (!p)
		return unknown(f, tid);
	refresh(f, p, tid, now);
	return p;
}

void probe_facts_will_rename(struct probe_facts *f, int64_t now)
{
	f->renamed_at = now;
}
