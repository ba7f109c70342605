/*
 * probe/process.c - the facts of one process.
 */
#include "probe/process.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "probe/decode.h"
#include "probe/text.h"

enum {
	CMDLINE_MAX = 32 << 10,
	AUXV_MAX = 4 << 10,
	JSON_MAX = 256 << 10,
	IDS_SETTLE_MS = 1000, /* a set*id has taken effect by then */
};

void probe_process_init(struct probe_process *p)
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

void probe_process_release(struct probe_process *p)
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

static void set_text(struct buf *b, const char *p, size_t n)
{
	buf_reset(b);
	buf_put(b, p, n);
}

/* The string that AT_EXECFN points to: the path as it was given to execve, of
 * a script its own and not its interpreter's. */
static void read_invoked(struct probe_process *p)
{
	struct probe_target target = { p->tgid, -1 };
	char path[PATH_MAX], auxv[AUXV_MAX];
	ssize_t got, len = -1;
	bool cut;

	buf_reset(&p->invoked);
	got = probe_procfs_read(p->proc_fd, "auxv", auxv, sizeof(auxv));
	for (ssize_t at = 0; at + (ssize_t)sizeof(Elf64_auxv_t) <= got;
	     at += (ssize_t)sizeof(Elf64_auxv_t)) {
		Elf64_auxv_t aux;

		memcpy(&aux, auxv + at, sizeof(aux));
		if (aux.a_type != AT_EXECFN)
			continue;
		len = probe_target_string(&target, aux.a_un.a_val, path,
					  sizeof(path), &cut);
		break;
	}
	if (len > 0)
		set_text(&p->invoked, path, (size_t)len);
}

bool probe_process_alive(const struct probe_process *p)
{
	return syscall(SYS_pidfd_send_signal, p->pid_fd, 0, NULL, 0) == 0 ||
	       errno == EPERM;
}

static void read_parent(struct probe_process *p,
			const struct probe_process *parent)
{
	char dir[32], path[PATH_MAX];
	ssize_t len;
	int fd;

	p->parent_name[0] = '\0';
	buf_reset(&p->parent_path);
	if (parent && !parent->stale && probe_process_alive(parent)) {
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

static void write_command_line(struct json_writer *w, struct slice cmdline)
{
	char text[CMDLINE_MAX];

	if (cmdline.len > 0 && cmdline.p[cmdline.len - 1] == '\0')
		cmdline.len--;
	memcpy(text, cmdline.p, cmdline.len);
	for (size_t i = 0; i < cmdline.len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	json_key(w, "commandLine");
	probe_text_json(w, slice_of(text, cmdline.len));
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
void probe_process_render(struct probe_process *p)
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
		write_command_line(&w, buf_slice(&p->cmdline));
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

bool probe_process_read_ids(struct probe_process *p)
{
	struct probe_status st;

	if (!probe_procfs_status(p->proc_fd, &st))
		return false;
	memcpy(p->name, st.name, sizeof(p->name));
	p->ppid = st.ppid;
	p->uid = st.uid;
	p->gid = st.gid;
	return true;
}

/* False if we may not look.  After set*id without exec a process may have
 * become so: what was read of the same image before is then kept. */
static bool read_program(struct probe_process *p)
{
	char text[CMDLINE_MAX + 1];
	ssize_t len = probe_procfs_link(p->proc_fd, "exe", text, PATH_MAX);

	if (len < 0)
		return !p->stale && p->exe.len > 0;
	p->quality = 0;
	set_text(&p->exe, text, (size_t)len);
	len = probe_procfs_read(p->proc_fd, "cmdline", text, sizeof(text));
	if (len == CMDLINE_MAX)
		p->quality |= PROBE_CUT;
	set_text(&p->cmdline, text, len > 0 ? (size_t)len : 0);
	read_invoked(p);
	return true;
}

void probe_process_read(struct probe_process *p,
			const struct probe_process *parent)
{
	if (!read_program(p)) {
		p->quality = PROBE_UNREADABLE;
		buf_reset(&p->exe);
		buf_reset(&p->invoked);
		buf_reset(&p->cmdline);
	}
	if (p->stale)
		p->foreign_told = false;
	p->image.arg_end = 0;
	read_parent(p, parent);
	probe_process_render(p);
}

static bool same_image(struct probe_process *parent,
		       const struct probe_image *image)
{
	pid_t ppid;

	if (!parent->image.arg_end &&
	    !probe_procfs_image(parent->proc_fd, &ppid, &parent->image))
		return false;
	return memcmp(&parent->image, image, sizeof(*image)) == 0;
}

static bool same_ids(const struct probe_process *parent,
		     const struct probe_process *p)
{
	struct stat st;

	return !parent->ids_until &&
	       fstatat(p->proc_fd, "", &st, AT_EMPTY_PATH) == 0 &&
	       st.st_uid == parent->uid && st.st_gid == parent->gid;
}

bool probe_process_take_after(struct probe_process *p,
			      struct probe_process *parent,
			      const struct probe_image *image)
{
	if (parent->stale || !probe_process_alive(parent) ||
	    !same_image(parent, image) || !same_ids(parent, p))
		return false;
	p->ppid = parent->tgid;
	p->uid = parent->uid;
	p->gid = parent->gid;
	p->quality = parent->quality;
	p->image = *image;
	memcpy(p->name, parent->name, sizeof(p->name));
	memcpy(p->parent_name, parent->name, sizeof(p->parent_name));
	buf_put_slice(&p->exe, buf_slice(&parent->exe));
	buf_put_slice(&p->invoked, buf_slice(&parent->invoked));
	buf_put_slice(&p->cmdline, buf_slice(&parent->cmdline));
	buf_put_slice(&p->parent_path, buf_slice(&parent->exe));
	probe_process_render(p);
	return true;
}

void probe_process_read_cwd(struct probe_process *p, int64_t now)
{
	char path[PATH_MAX];
	ssize_t len = probe_procfs_link(p->proc_fd, "cwd", path, sizeof(path));

	p->cwd_known = len > 0;
	p->cwd_at = now;
	if (len > 0)
		set_text(&p->cwd, path, (size_t)len);
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

void probe_process_will_change_ids(struct probe_process *p, int64_t now)
{
	p->ids_until = now + IDS_SETTLE_MS * NS_PER_MS;
	if (p->mem_fd < 0 && p->proc_fd >= 0)
		p->mem_fd = openat(p->proc_fd, "mem", O_RDONLY | O_CLOEXEC);
}
