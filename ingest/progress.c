/*
 * ingest/progress.c - how it goes.
 */
#include "ingest/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/term.h"
#include "base/time.h"

#define TERMINAL_EVERY (500 * NS_PER_MS)
#define LOG_EVERY (60 * NS_PER_S)

enum { LINE_MAX_BYTES = 512 };

void ingest_progress_init(struct ingest_progress *p,
			  const struct ingest_stats *stats,
			  struct ingest_source *const *sources, size_t nsources)
{
	*p = (struct ingest_progress){
		.stats = stats,
		.sources = sources,
		.nsources = nsources,
		.terminal = isatty(STDERR_FILENO),
		.began = time_monotonic(),
	};
	p->shown = p->began;
}

static uint64_t per_second(uint64_t n, int64_t ns)
{
	return ns > 0 ? (uint64_t)((double)n * 1e9 / (double)ns) : 0;
}

/* "12 messages" or "1.5 MiB", for each source that knows. */
static void put_lag(struct buf *out, const struct ingest_progress *p)
{
	for (size_t i = 0; i < p->nsources; i++) {
		const char *unit = p->sources[i]->ops->lag_unit;
		uint64_t lag = p->stats->lag[i];

		if (lag == UINT64_MAX)
			continue;
		buf_puts(out, out->len ? ", " : "");
		if (strcmp(unit, "bytes") == 0)
			buf_printf(out, "%.1f MiB", (double)lag / (1 << 20));
		else
			buf_printf(out, "%" PRIu64 " %s", lag, unit);
	}
}

static void show_terminal(const struct ingest_progress *p, uint64_t rate)
{
	struct buf lag, line;

	buf_init(&lag, LINE_MAX_BYTES);
	buf_init(&line, LINE_MAX_BYTES);
	put_lag(&lag, p);
	buf_printf(&line,
		   "%" PRIu64 " events, %" PRIu64 "/s, lag %s, %" PRIu64
		   " dead letters, store %.1f MiB",
		   p->stats->events, rate, lag.len ? buf_cstr(&lag) : "unknown",
		   ingest_dead_letters(p->stats),
		   (double)p->stats->store_bytes / (1 << 20));
	/* The carriage return lets whatever comes next take the line. */
	fputs("\r\x1b[K", stderr);
	term_write(stderr, buf_slice(&line), TERM_KEEP_NONE);
	fputs("\r", stderr);
	fflush(stderr);
	buf_release(&line);
	buf_release(&lag);
}

static void log_state(const struct ingest_progress *p, const char *what,
		      uint64_t rate)
{
	uint64_t lag = 0;
	bool known = false;

	for (size_t i = 0; i < p->nsources; i++) {
		if (p->stats->lag[i] != UINT64_MAX) {
			lag += p->stats->lag[i];
			known = true;
		}
	}
	log_info("%s\tevents=%" PRIu64 " rate=%" PRIu64 " lag=%" PRId64
		 " dead_letters=%" PRIu64 " commits=%" PRIu64 " store_bytes=%" PRIu64,
		 what, p->stats->events, rate, known ? (int64_t)lag : INT64_C(-1),
		 ingest_dead_letters(p->stats), p->stats->commits,
		 p->stats->store_bytes);
}

void ingest_progress_tick(struct ingest_progress *p, int64_t now)
{
	int64_t since = now - p->shown;
	uint64_t events = p->stats->events;
	uint64_t rate = per_second(events - p->events, since);

	if (since < (p->terminal ? TERMINAL_EVERY : LOG_EVERY))
		return;
	if (p->terminal)
		show_terminal(p, rate);
	else
		log_state(p, "ingesting", rate);
	p->shown = now;
	p->events = events;
}

void ingest_progress_end(struct ingest_progress *p, int64_t now)
{
	uint64_t rate = per_second(p->stats->events, now - p->began);

	if (p->terminal)
		fputs("\r\x1b[K", stderr);
	log_state(p, "done", rate);
}
