/*
 * probe/procfs.c - reading small files of /proc.
 */
#include "probe/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"

enum { USERS = 16, USER_MAX = 64, PASSWD_LINE_MAX = 1024 };

ssize_t probe_procfs_read(int dir_fd, const char *name, char *out, size_t cap)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, out, cap - 1); /* these files come in one piece */
	close(fd);
	out[got > 0 ? got : 0] = '\0';
	return got;
}

ssize_t probe_procfs_link(int dir_fd, const char *name, char *out, size_t cap)
{
	ssize_t len = readlinkat(dir_fd, name, out, cap - 1);

	if (len >= 0)
		out[len] = '\0';
	return len;
}

/* The number after "\nKey:\t", skipping `skip` numbers; 0 if there is none. */
static unsigned long number_of(const char *text, const char *key, int skip)
{
	const char *p = strstr(text, key);
	char *end;
	unsigned long v;

	if (!p)
		return 0;
	p += strlen(key);
	v = strtoul(p, &end, 10);
	while (skip-- > 0)
		v = strtoul(end, &end, 10);
	return v;
}

bool probe_procfs_status(int dir_fd, struct probe_status *out)
{
	char text[1024]; /* the ids stand in the first lines */
	const char *end;
	size_t len;

	if (probe_procfs_read(dir_fd, "status", text, sizeof(text)) <= 0)
		return false;
	if (strncmp(text, "Name:\t", 6) != 0)
		return false;
	end = strchr(text, '\n');
	if (!end)
		return false;
	len = (size_t)(end - text) - 6;
	if (len >= sizeof(out->name))
		len = sizeof(out->name) - 1;
	memcpy(out->name, text + 6, len);
	out->name[len] = '\0';
	out->tgid = (pid_t)number_of(end, "\nTgid:\t", 0);
	out->ppid = (pid_t)number_of(end, "\nPPid:\t", 0);
	out->uid = (uid_t)number_of(end, "\nUid:\t", 1);
	out->gid = (gid_t)number_of(end, "\nGid:\t", 1);
	return out->tgid > 0;
}

bool probe_procfs_image(int dir_fd, pid_t *ppid, struct probe_image *out)
{
	/* Field numbers of proc(5); the second, the name, may hold anything. */
	enum {
		STATE = 3,
		PPID = 4,
		START_STACK = 28,
		ARG_START = 48,
		ARG_END = 49
	};
	char text[1024], *p;

	if (probe_procfs_read(dir_fd, "stat", text, sizeof(text)) <= 0)
		return false;
	p = strrchr(text, ')');
	if (!p)
		return false;
	*out = (struct probe_image){ .arg_end = 0 };
	p++;
	for (int field = STATE; *p && field <= ARG_END; field++) {
		unsigned long v;

		p += strspn(p, " ");
		v = strtoul(p, NULL, 10);
		if (field == PPID)
			*ppid = (pid_t)v;
		else if (field == START_STACK)
			out->start_stack = v;
		else if (field == ARG_START)
			out->arg_start = v;
		else if (field == ARG_END)
			out->arg_end = v;
		p += strcspn(p, " ");
	}
	return out->start_stack && out->arg_end;
}

const char *probe_procfs_user(uid_t uid)
{
	static struct {
		uid_t uid;
		bool known;
		char name[USER_MAX];
	} cache[USERS], *slot;
	char line[PASSWD_LINE_MAX];
	struct passwd pw, *found = NULL;
	FILE *f;

	slot = &cache[uid % USERS];
	if (slot->known && slot->uid == uid)
		return slot->name[0] ? slot->name : NULL;
	slot->known = true;
	slot->uid = uid;
	slot->name[0] = '\0';
	f = fopen("/etc/passwd", "re");
	if (!f)
		return NULL;
	while (fgetpwent_r(f, &pw, line, sizeof(line), &found) == 0) {
		if (pw.pw_uid != uid || strlen(pw.pw_name) >= USER_MAX)
			continue;
		memcpy(slot->name, pw.pw_name, strlen(pw.pw_name) + 1);
		break;
	}
	fclose(f);
	return slot->name[0] ? slot->name : NULL;
}
