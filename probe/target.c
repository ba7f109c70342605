/*
 * probe/target.c - reading the memory of a watched program.
 */
#include "probe/target.h"

#include <assert.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	FIRST_BITE = 256, /* most strings end here */
};

ssize_t probe_target_read(const struct probe_target *t, uint64_t addr,
			  void *out, size_t n)
{
	struct iovec local = { out, n };
	struct iovec remote = { (void *)(uintptr_t)addr, n };
	ssize_t got;

	if (n == 0)
		return 0;
	got = process_vm_readv(t->tid, &local, 1, &remote, 1, 0);
	if (got > 0)
		return got;
	if (t->mem_fd < 0 || addr > INT64_MAX)
		return -1;
	got = pread(t->mem_fd, out, n, (off_t)addr);
	return got > 0 ? got : -1;
}

bool probe_target_read_all(const struct probe_target *t, uint64_t addr,
			   void *out, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = probe_target_read(t, addr + done,
						(char *)out + done, n - done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

ssize_t probe_target_string(const struct probe_target *t, uint64_t addr,
			    char *out, size_t cap, bool *cut)
{
	size_t len = 0;

	assert(cap > 0);
	*cut = false;
	while (len < cap) {
		/* Never across a page: the next one may not be there. */
		size_t n = PAGE - (size_t)((addr + len) % PAGE);
		ssize_t got;
		char *end;

		if (len == 0 && n > FIRST_BITE)
			n = FIRST_BITE;
		if (n > cap - len)
			n = cap - len;
		got = probe_target_read(t, addr + len, out + len, n);
		if (got <= 0)
			return -1;
		end = memchr(out + len, '\0', (size_t)got);
		if (end)
			return end - out;
		len += (size_t)got;
	}
	*cut = true;
	out[cap - 1] = '\0';
	return (ssize_t)cap - 1;
}
