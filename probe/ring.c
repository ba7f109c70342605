/*
 * probe/ring.c - a bounded queue of records between two threads.
 *
 * `head` counts bytes ever written, `tail` bytes ever read; each is stored by
 * one side only.  A record is a header and its bytes, never split: at the end
 * of the memory a header of length SKIP fills what is left.  Records start at
 * multiples of 16 bytes, so that a header always fits.
 */
#include "probe/ring.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	ALIGN = 16,
	SIZE_MIN = 4096,
	CACHE_LINE = 64,
};

#define SKIP UINT32_MAX

struct header {
	uint64_t seq;
	uint32_t len;
	uint32_t unused;
};

_Static_assert(sizeof(struct header) == ALIGN, "a header fits any gap");

struct probe_ring {
	char *memory;
	size_t size;
	int wake_fd;
	_Atomic bool idle;         /* the consumer waits for the first record */
	char pad_head[CACHE_LINE]; /* each side writes to a line of its own */
	_Atomic uint64_t head;
	char pad_tail[CACHE_LINE];
	_Atomic uint64_t tail;
};

static size_t room_for(size_t len)
{
	return sizeof(struct header) + (len + ALIGN - 1) / ALIGN * ALIGN;
}

int probe_ring_new(struct probe_ring **out, size_t size, struct err *err)
{
	struct probe_ring *r = mem_calloc(1, sizeof(*r));
	size_t n = SIZE_MIN;
	int ret = err_nomem(err);

	if (!r)
		return ret;
	r->wake_fd = -1;
	while (n < size)
		n *= 2;
	r->size = n;
	r->memory = mem_alloc(n);
	if (!r->memory)
		goto out;
	r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->wake_fd < 0) {
		ret = err_errno(err, ERR_IO, errno,
				"could not make an eventfd");
		goto out;
	}
	*out = r;
	r = NULL;
	ret = 0;
out:
	probe_ring_free(r);
	return ret;
}

void probe_ring_free(struct probe_ring *r)
{
	if (!r)
		return;
	if (r->wake_fd >= 0)
		close(r->wake_fd);
	mem_free(r->memory);
	mem_free(r);
}

void probe_ring_kick(struct probe_ring *r)
{
	uint64_t one = 1;

	/* Fails only when the counter is full: the consumer is awake then. */
	if (write(r->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void put_header(struct probe_ring *r, size_t at, uint64_t seq,
		       uint32_t len)
{
	struct header h = { .seq = seq, .len = len };

	memcpy(r->memory + at, &h, sizeof(h));
}

bool probe_ring_push(struct probe_ring *r, uint64_t seq, struct slice record)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	size_t at = (size_t)(head & (r->size - 1));
	size_t need = room_for(record.len), gap = 0, used;

	if (record.len >= SKIP || need > r->size)
		return false;
	if (need > r->size - at)
		gap = r->size - at;
	used = (size_t)(head - tail);
	if (gap + need > r->size - used)
		return false;
	if (gap) {
		put_header(r, at, 0, SKIP);
		at = 0;
	}
	put_header(r, at, seq, (uint32_t)record.len);
	memcpy(r->memory + at + sizeof(struct header), record.p, record.len);
	atomic_store(&r->head, head + gap + need);
	if (atomic_exchange(&r->idle, false))
		probe_ring_kick(r);
	else if (used < r->size / 4 && used + gap + need >= r->size / 4)
		probe_ring_kick(r);
	return true;
}

bool probe_ring_peek(struct probe_ring *r, uint64_t *seq, struct slice *record)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint64_t head = atomic_load(&r->head);
	struct header h;
	size_t at;

	while (tail != head) {
		at = (size_t)(tail & (r->size - 1));
		memcpy(&h, r->memory + at, sizeof(h));
		if (h.len != SKIP) {
			*seq = h.seq;
			*record = slice_of(r->memory + at + sizeof(h), h.len);
			return true;
		}
		tail += r->size - at;
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	return false;
}

void probe_ring_pop(struct probe_ring *r)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	struct header h;

	memcpy(&h, r->memory + (size_t)(tail & (r->size - 1)), sizeof(h));
	atomic_store_explicit(&r->tail, tail + room_for(h.len),
			      memory_order_release);
}

static void sleep_until_kicked(struct probe_ring *r, int ms)
{
	struct pollfd p = { .fd = r->wake_fd, .events = POLLIN };
	uint64_t count;

	if (poll(&p, 1, ms) > 0 && read(r->wake_fd, &count, sizeof(count)) < 0)
		return; /* somebody else took it: there is nobody else */
}

void probe_ring_wait(struct probe_ring *r, int ms)
{
	atomic_store(&r->idle, true);
	if (probe_ring_fill(r) == 0)
		sleep_until_kicked(r, ms);
	atomic_store(&r->idle, false);
}

void probe_ring_linger(struct probe_ring *r, int ms)
{
	if (probe_ring_fill(r) < 25)
		sleep_until_kicked(r, ms);
}

unsigned probe_ring_fill(struct probe_ring *r)
{
	uint64_t used = atomic_load(&r->head) - atomic_load(&r->tail);

	return used == 0 ? 0 : (unsigned)(used * 99 / r->size) + 1;
}
