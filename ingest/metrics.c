/*
 * ingest/metrics.c - Prometheus text over HTTP.
 */
#include "ingest/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/mem.h"
#include "base/time.h"

enum {
	TEXT_MAX_BYTES = 256 << 10,
	CONNECTIONS_MAX = 16,
	TIMEOUT_S = 10,
};

struct ingest_metrics {
	struct MHD_Daemon *daemon;
	struct ingest_metrics_options o;
};

static void head(struct buf *out, const char *name, const char *type,
		 const char *help)
{
	buf_printf(out, "# HELP crs_ingest_%s %s\n# TYPE crs_ingest_%s %s\n", name,
		   help, name, type);
}

static void put(struct buf *out, const char *name, const char *type,
		const char *help, uint64_t value)
{
	head(out, name, type, help);
	buf_printf(out, "crs_ingest_%s %" PRIu64 "\n", name, value);
}

static void put_seconds(struct buf *out, const char *name, const char *type,
			const char *help, uint64_t ns)
{
	head(out, name, type, help);
	buf_printf(out, "crs_ingest_%s %.9g\n", name, (double)ns / 1e9);
}

/* A label's value: what could end it is escaped. */
static void put_label(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		if (*s == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, *s);
	}
}

static void put_refused(struct buf *out, const struct ingest_stats *st)
{
	head(out, "dead_letters_total", "counter", "messages stored as dead letters");
	for (int r = REFUSED_NOT + 1; r < INGEST_REFUSALS; r++)
		buf_printf(out, "crs_ingest_dead_letters_total{reason=\"%s\"} %" PRIu64 "\n",
			   refusal_name((enum refusal)r), st->refused[r]);
}

static void put_lags(struct buf *out, const struct ingest_metrics_options *o)
{
	head(out, "lag", "gauge", "what is known to wait at a source");
	for (size_t i = 0; i < o->nsources; i++) {
		uint64_t lag = o->stats->lag[i];

		if (lag == UINT64_MAX)
			continue;
		buf_puts(out, "crs_ingest_lag{source=\"");
		put_label(out, o->sources[i]->name);
		buf_printf(out, "\",unit=\"%s\"} %" PRIu64 "\n",
			   o->sources[i]->ops->lag_unit, lag);
	}
}

void ingest_metrics_write(struct buf *out, const struct ingest_metrics_options *o)
{
	const struct ingest_stats *st = o->stats;

	put(out, "events_total", "counter", "events stored", st->events);
	put(out, "bytes_total", "counter", "bytes of messages taken", st->bytes);
	put_refused(out, st);
	put(out, "commits_total", "counter", "transactions", st->commits);
	put_seconds(out, "commit_seconds_total", "counter",
		    "time spent sealing and committing", st->commit_ns);
	put(out, "segment_bytes_total", "counter", "bytes of segments written",
	    st->segment_bytes);
	put(out, "exceptions_total", "counter",
	    "events whose source is kept whole", st->exceptions);
	put(out, "last_commit_timestamp_seconds", "gauge",
	    "time of the last transaction", (uint64_t)(st->committed_at / NS_PER_S));
	put_lags(out, o);
	put(out, "store_bytes", "gauge", "size of the store file", st->store_bytes);
	put(out, "store_free_bytes", "gauge", "of it free pages", st->store_free);
	put(out, "store_readers", "gauge", "open readers of the store", st->readers);
	put(out, "store_oldest_reader_transactions", "gauge",
	    "transactions the oldest reader is behind", st->reader_lag);
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	static const char ok[] = "ok\n", unknown[] = "not found\n";
	const struct ingest_metrics *m = ctx;
	unsigned status = MHD_HTTP_OK;
	enum MHD_Result result;
	struct MHD_Response *r;
	struct buf text;

	(void)version;
	(void)upload;
	(void)state;
	*upload_size = 0;
	buf_init(&text, TEXT_MAX_BYTES);
	if (strcmp(method, "GET") == 0 && strcmp(url, "/metrics") == 0)
		ingest_metrics_write(&text, &m->o);
	else if (strcmp(method, "GET") == 0 && strcmp(url, "/healthz") == 0)
		buf_puts(&text, ok);
	else
		status = MHD_HTTP_NOT_FOUND;
	if (status == MHD_HTTP_NOT_FOUND)
		buf_puts(&text, unknown);
	if (text.error)
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	r = MHD_create_response_from_buffer(text.len, text.p, MHD_RESPMEM_MUST_COPY);
	buf_release(&text);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; version=0.0.4; charset=utf-8");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

/* Splits "HOST:PORT"; without a host it is the loopback address. */
static int split(const char *listen, char *host, size_t host_size,
		 const char **port, struct err *err)
{
	const char *colon = strrchr(listen, ':');
	size_t len = colon ? (size_t)(colon - listen) : 0;
	int ret = 0;

	if (!colon || !colon[1] || len >= host_size) {
		ret = err_set(err, ERR_USAGE, "\"%s\" is not an address", listen);
		err_hint(err, "write it as HOST:PORT, such as 127.0.0.1:9464");
		return ret;
	}
	if (len > 1 && listen[0] == '[' && listen[len - 1] == ']') {
		listen++;
		len -= 2;
	}
	memcpy(host, listen, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

static int resolve(const char *listen, struct addrinfo **out, struct err *err)
{
	const struct addrinfo want = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	char host[256];
	const char *port = NULL;
	int ret = split(listen, host, sizeof(host), &port, err);

	if (ret < 0)
		return ret;
	ret = getaddrinfo(host[0] ? host : "127.0.0.1", port, &want, out);
	if (ret == 0)
		return 0;
	return err_set(err, ERR_USAGE, "cannot listen on \"%s\": %s", listen,
		       gai_strerror(ret));
}

int ingest_metrics_open(struct ingest_metrics **out,
			const struct ingest_metrics_options *o, struct err *err)
{
	struct ingest_metrics *m = mem_calloc(1, sizeof(*m));
	struct addrinfo *to;
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;
	int ret;

	if (!m)
		return err_nomem(err);
	m->o = *o;
	ret = resolve(o->listen, &to, err);
	if (ret < 0) {
		mem_free(m);
		return ret;
	}
	if (to->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	m->daemon = MHD_start_daemon(flags, 0, NULL, NULL, answer, m,
				     MHD_OPTION_SOCK_ADDR, to->ai_addr,
				     MHD_OPTION_CONNECTION_LIMIT,
				     (unsigned)CONNECTIONS_MAX,
				     MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned)TIMEOUT_S, MHD_OPTION_END);
	freeaddrinfo(to);
	if (!m->daemon) {
		ret = err_errno(err, ERR_IO, errno, "cannot listen on \"%s\"",
				o->listen);
		mem_free(m);
		return ret;
	}
	*out = m;
	return 0;
}

void ingest_metrics_close(struct ingest_metrics *m)
{
	if (!m)
		return;
	MHD_stop_daemon(m->daemon);
	mem_free(m);
}
