/*
 * probe/facts.c - what is remembered about each watched process.
 *
 * Invariants:
 * (F1) p->pid_fd and p->proc_fd belong to the process the entry was read from;
 *      a signal 0 through the former fails once that process is gone, whoever
 *      has its number by then.
 * (F2) After an exec was let go, facts are read again at each notification
 *      until one shows that the exec is over: it comes from the thread that
 *      called exec, or that thread is gone (a thread that execs becomes its
 *      leader).  The same holds for the working directory and chdir.
 */
#include "probe/facts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/decode.h"
#include "probe/procfs.h"
#include "probe/text.h"

enum {
	THREADS = 4096, /* direct-mapped: thread -> process */
	HINTS = 4096,
	CMDLINE_MAX = 32 << 10,
	JSON_MAX = 256 << 10,
	IDS_SETTLE_MS = 1000,   /* a set*id has taken effect by then */
	RENAME_SETTLE_MS = 100, /* and a rename by then */
};

struct probe_facts {
	struct probe_process processes[PROBE_PROCESSES_MAX];
	size_t n, hand;
	uint16_t hints[HINTS]; /* where a process was seen last */
	struct {
		pid_t tid, tgid;
	} threads[THREADS];
	struct probe_process unknown;
	struct stat root, mounts; /* our own */
	int64_t renamed_at;
	char scratch[CMDLINE_MAX + 1];
};

static void process_init(struct probe_process *p)
{
	*p = (struct probe_process){ .proc_fd = -1,
				     .pid_fd = -1,
				     .mem_fd = -1 };
	buf_init(&p->exe, PATH_MAX);
	buf_init(&p->invoked, PATH_MAX);
	buf_init(&p->cmdline, CMDLINE_MAX);
	buf_init(&p->parent_path, PATH_MAX);
	buf_init(&p->cwd, PATH_MAX);
	buf_init(&p->json, JSON_MAX);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void process_release(struct probe_process *p)
{
	close_fd(&p->proc_fd);
	close_fd(&p->pid_fd);
	close_fd(&p->mem_fd);
	buf_release(&p->exe);
	buf_release(&p->invoked);
	buf_release(&p->cmdline);
	buf_release(&p->parent_path);
	buf_release(&p->cwd);
	buf_release(&p->json);
}

int probe_facts_new(struct probe_facts **out, struct err *err)
{
	struct probe_facts *f = mem_calloc(1, sizeof(*f));

	if (!f)
		return err_nomem(err);
	process_init(&f->unknown);
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
		process_release(&f->processes[i]);
	process_release(&f->unknown);
	mem_free(f);
}

static void set_text(struct buf *b, const char *p, size_t n)
{
	buf_reset(b);
	buf_put(b, p, n);
}

/* The string that AT_EXECFN points to: the path as it was given to execve, of
 * a script its own and not its interpreter's. */
static void read_invoked(struct probe_facts *f, struct probe_process *p)
{
	struct probe_target target = { p->tgid, -1 };
	char path[PATH_MAX];
	ssize_t got, len = -1;
	bool cut;

	buf_reset(&p->invoked);
	got = probe_procfs_read(p->proc_fd, "auxv", f->scratch,
				sizeof(f->scratch));
	for (ssize_t at = 0; at + (ssize_t)sizeof(Elf64_auxv_t) <= got;
	     at += (ssize_t)sizeof(Elf64_auxv_t)) {
		Elf64_auxv_t aux;

		memcpy(&aux, f->scratch + at, sizeof(aux));
		if (aux.a_type != AT_EXECFN)
			continue;
		len = probe_target_string(&target, aux.a_un.a_val, path,
					  sizeof(path), &cut);
		break;
	}
	if (len > 0)
		set_text(&p->invoked, path, (size_t)len);
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

/* (F1) */
static bool alive(const struct probe_process *p)
{
	return syscall(SYS_pidfd_send_signal, p->pid_fd, 0, NULL, 0) == 0 ||
	       errno == EPERM;
}

static void read_parent(struct probe_facts *f, struct probe_process *p)
{
	const struct probe_process *parent = find(f, p->ppid);
	char dir[32], path[PATH_MAX];
	ssize_t len;
	int fd;

	p->parent_name[0] = '\0';
	buf_reset(&p->parent_path);
	if (parent && !parent->stale && alive(parent)) {
		memcpy(p->parent_name, parent->name, sizeof(p->parent_name));
		buf_put_slice(&p->parent_path, buf_slice(&parent->exe));
		return;
	}
	snprintf(dir, sizeof(dir), "/proc/%d", (int)p->ppid);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = probe_procfs_read(fd, "comm", p->parent_name,
				sizeof(p->parent_name));
	if (len > 0 && p->parent_name[len - 1] == '\n')
		p->parent_name[len - 1] = '\0';
	len = probe_procfs_link(fd, "exe", path, sizeof(path));
	if (len > 0)
		set_text(&p->parent_path, path, (size_t)len);
	close(fd);
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

static void write_args(struct json_writer *w, struct slice cmdline)
{
	size_t n = 0;

	json_key(w, "processArgs");
	json_array_begin(w);
	while (cmdline.len > 0 && n++ < PROBE_EXEC_ARGS_MAX) {
		size_t len = strnlen(cmdline.p, cmdline.len);

		probe_text_json(w, slice_of(cmdline.p, len));
		len += len < cmdline.len;
		cmdline = slice_of(cmdline.p + len, cmdline.len - len);
	}
	json_array_end(w);
}

static void write_command_line(struct probe_facts *f, struct json_writer *w,
			       struct slice cmdline)
{
	if (cmdline.len > 0 && cmdline.p[cmdline.len - 1] == '\0')
		cmdline.len--;
	memcpy(f->scratch, cmdline.p, cmdline.len);
	for (size_t i = 0; i < cmdline.len; i++)
		if (f->scratch[i] == '\0')
			f->scratch[i] = ' ';
	json_key(w, "commandLine");
	probe_text_json(w, slice_of(f->scratch, cmdline.len));
}

static void write_text(struct json_writer *w, const char *key,
		       struct slice value)
{
	if (value.len == 0)
		return;
	json_key(w, key);
	probe_text_json(w, value);
}

/* The members of an event that tell of its process. */
static void render(struct probe_facts *f, struct probe_process *p)
{
	struct json_writer w;
	const char *user = probe_procfs_user(p->uid);
	struct buf whole;

	buf_init(&whole, JSON_MAX);
	json_init(&w, &whole);
	json_object_begin(&w);
	json_key(&w, "processId");
	json_i64(&w, p->tgid);
	write_text(&w, "processName", slice_str(p->name));
	write_text(&w, "processPath", buf_slice(&p->exe));
	write_text(&w, "invokedPath", buf_slice(&p->invoked));
	if (p->cmdline.len > 0) {
		write_command_line(f, &w, buf_slice(&p->cmdline));
		write_args(&w, buf_slice(&p->cmdline));
	}
	json_key(&w, "parentProcessId");
	json_i64(&w, p->ppid);
	write_text(&w, "parentProcessName", slice_str(p->parent_name));
	write_text(&w, "parentProcessPath", buf_slice(&p->parent_path));
	json_key(&w, "userId");
	json_i64(&w, p->uid);
	if (user)
		write_text(&w, "userName", slice_str(user));
	json_key(&w, "groupId");
	json_i64(&w, p->gid);
	buf_reset(&p->json);
	if (whole.error || whole.len < 1)
		p->quality |= PROBE_UNREADABLE;
	else
		buf_put(&p->json, whole.p + 1, whole.len - 1);
	buf_release(&whole);
}

static void read_status(struct probe_process *p)
{
	struct probe_status st;

	if (!probe_procfs_status(p->proc_fd, &st))
		return;
	memcpy(p->name, st.name, sizeof(p->name));
	p->ppid = st.ppid;
	p->uid = st.uid;
	p->gid = st.gid;
}

/* Reads all facts.  After set*id without exec a process may have become
 * unreadable: what was read of the same image before is then kept. */
static void read_facts(struct probe_facts *f, struct probe_process *p)
{
	ssize_t len;

	read_status(p);
	len = probe_procfs_link(p->proc_fd, "exe", f->scratch, PATH_MAX);
	if (len >= 0) {
		p->quality = 0;
		set_text(&p->exe, f->scratch, (size_t)len);
		len = probe_procfs_read(p->proc_fd, "cmdline", f->scratch,
					sizeof(f->scratch));
		if (len == CMDLINE_MAX)
			p->quality |= PROBE_CUT;
		set_text(&p->cmdline, f->scratch, len > 0 ? (size_t)len : 0);
		read_invoked(f, p);
		p->elsewhere |= lives_elsewhere(f, p);
		if (p->stale)
			p->foreign_told = false;
	} else if (p->stale || p->exe.len == 0) {
		p->quality = PROBE_UNREADABLE;
		buf_reset(&p->exe);
		buf_reset(&p->invoked);
		buf_reset(&p->cmdline);
	}
	read_parent(f, p);
	render(f, p);
}

static struct probe_process *evict(struct probe_facts *f)
{
	for (;;) {
		struct probe_process *p = &f->processes[f->hand];

		f->hand = (f->hand + 1) % PROBE_PROCESSES_MAX;
		if (!p->used) {
			process_release(p);
			return p;
		}
		p->used = false;
	}
}

/* The thread group of `tid`, or -1.  A remembered answer is checked: the
 * number may be another thread's by now. */
static pid_t process_of_thread(struct probe_facts *f, pid_t tid)
{
	struct probe_status st = { .tgid = -1 };
	size_t slot = (size_t)tid % THREADS;
	pid_t tgid = f->threads[slot].tgid;
	char dir[32];
	int fd;

	/* Whether a leader is still the same one is seen through (F1). */
	if (f->threads[slot].tid == tid &&
	    (tgid == tid || syscall(SYS_tgkill, tgid, tid, 0) == 0 ||
	     errno == EPERM))
		return tgid;
	snprintf(dir, sizeof(dir), "/proc/%d", (int)tid);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (!probe_procfs_status(fd, &st))
		st.tgid = -1;
	close(fd);
	if (st.tgid > 0) {
		f->threads[slot].tid = tid;
		f->threads[slot].tgid = st.tgid;
	}
	return st.tgid;
}

static struct probe_process *unknown(struct probe_facts *f, pid_t tid)
{
	process_release(&f->unknown);
	process_init(&f->unknown);
	f->unknown.tgid = tid;
	f->unknown.quality = PROBE_UNREADABLE;
	return &f->unknown;
}

static struct probe_process *remember(struct probe_facts *f, pid_t tgid)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, tgid, 0), proc_fd = -1;
	struct probe_process *p;
	char dir[32];

	snprintf(dir, sizeof(dir), "/proc/%d", (int)tgid);
	if (pid_fd >= 0)
		proc_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0) {
		close_fd(&pid_fd);
		return NULL;
	}
	p = f->n < PROBE_PROCESSES_MAX ? &f->processes[f->n++] : evict(f);
	process_init(p);
	p->tgid = tgid;
	p->pid_fd = pid_fd;
	p->proc_fd = proc_fd;
	read_facts(f, p);
	return p;
}

static bool is_settled(const struct probe_process *p, pid_t caller, pid_t tid)
{
	if (tid == caller)
		return true;
	return syscall(SYS_tgkill, p->tgid, caller, 0) != 0 && errno == ESRCH;
}

static void refresh_cwd(struct probe_facts *f, struct probe_process *p,
			pid_t tid, int64_t now)
{
	char path[PATH_MAX];
	ssize_t len;

	if (p->cwd_at > f->renamed_at + RENAME_SETTLE_MS * NS_PER_MS &&
	    !p->cwd_stale)
		return;
	if (p->cwd_stale && is_settled(p, p->cwd_tid, tid))
		p->cwd_stale = false; /* before reading (F2) */
	len = probe_procfs_link(p->proc_fd, "cwd", path, sizeof(path));
	p->cwd_known = len > 0;
	p->cwd_at = now;
	if (len > 0)
		set_text(&p->cwd, path, (size_t)len);
}

static void forget(struct probe_facts *f, struct probe_process *p)
{
	f->threads[(size_t)p->tgid % THREADS].tid = 0;
	process_release(p);
	f->n--;
	*p = f->processes[f->n];
}

/* What may have changed since the process was got before. */
static void refresh(struct probe_facts *f, struct probe_process *p, pid_t tid,
		    int64_t now)
{
	if (p->stale) {
		bool over = is_settled(p, p->exec_tid, tid); /* (F2) */

		read_facts(f, p);
		p->stale = !over;
	} else if (p->ids_until) {
		read_status(p);
		render(f, p);
		if (now > p->ids_until)
			p->ids_until = 0;
	}
	refresh_cwd(f, p, tid, now);
	p->used = true;
}

struct probe_process *probe_facts_get(struct probe_facts *f, pid_t tid,
				      int64_t now)
{
	pid_t tgid = process_of_thread(f, tid);
	struct probe_process *p = tgid > 0 ? find(f, tgid) : NULL;

	if (p && alive(p)) {
		refresh(f, p, tid, now);
		return p;
	}
	if (p) {
		forget(f, p);
		tgid = process_of_thread(f, tid);
	}
	p = tgid > 0 ? remember(f, tgid) : NULL;
	if (!p)
		return unknown(f, tid);
	refresh(f, p, tid, now);
	return p;
}

void probe_process_will_exec(struct probe_process *p, pid_t tid)
{
	p->stale = true;
	p->exec_tid = tid;
	/* The memory that this shows ends with the exec; if the exec fails, it
	 * is opened again when ids change. */
	close_fd(&p->mem_fd);
}

void probe_process_will_chdir(struct probe_process *p, pid_t tid)
{
	p->cwd_stale = true;
	p->cwd_tid = tid;
}

void probe_facts_will_rename(struct probe_facts *f, int64_t now)
{
	f->renamed_at = now;
}

void probe_process_will_change_ids(struct probe_process *p, int64_t now)
{
	p->ids_until = now + IDS_SETTLE_MS * NS_PER_MS;
	if (p->mem_fd < 0 && p->proc_fd >= 0)
		p->mem_fd = openat(p->proc_fd, "mem", O_RDONLY | O_CLOEXEC);
}
