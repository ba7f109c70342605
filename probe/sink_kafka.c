/*
 * probe/sink_kafka.c - events to a Kafka topic; the only user of librdkafka
 * here.
 *
 * librdkafka's queue is small: what it is for is a batch, not an outage.  When
 * the broker does not take an event in time, its delivery report hands it to
 * the second sink.  The idempotent producer can end in a fatal error; it is
 * then thrown away and made anew.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe/sink.h"

enum {
	SECRET_MAX = 4096,
	POLL_MS = 100,     /* between delivery reports while idle */
	FULL_WAIT_MS = 50, /* for room in librdkafka's queue */
	FULL_WAITS_MAX = 20,
	PURGE_WAIT_MS = 1000,
	REPORT_EVERY_S = 60, /* the same trouble is told again after this */
	RETRY_S = 1,         /* between attempts to make a producer */
};

static const struct {
	const char *name, *value;
} defaults[] = {
	{ "client.id", "crs-probe" },
	{ "enable.idempotence", "true" },
	{ "compression.codec", "lz4" },
	{ "linger.ms", "50" },
	{ "queue.buffering.max.messages", "10000" },
	{ "message.timeout.ms", "30000" },
	{ "reconnect.backoff.max.ms", "1000" },
};

/* Others can read a command line. */
static const char *const secrets[] = {
	"sasl.password",           "ssl.key.password",
	"ssl.keystore.password",   "ssl.key.pem",
	"sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
};

struct kafka {
	struct probe_sink sink;
	struct probe_sink *second;
	struct probe_losses *losses;
	struct probe_reporter reporter;
	rd_kafka_conf_t *conf; /* pattern for each new producer */
	rd_kafka_t *producer;
	char *topic, *key;
	int64_t retry_at, report_at;
	bool congested; /* waiting did not help: not again until it flows */
};

static void report(struct kafka *k, const char *what, const char *why)
{
	int64_t now = time_monotonic();
	char line[380];

	if (now < k->report_at)
		return;
	k->report_at = now + REPORT_EVERY_S * NS_PER_S;
	snprintf(line, sizeof(line), "%s: %.256s", what, why);
	k->reporter.line(k->reporter.arg, line);
}

/* The second choice, or nothing. */
static void give_up(struct kafka *k, uint64_t seq, struct slice line)
{
	if (k->second)
		k->second->ops->write(k->second, seq, line);
	else
		atomic_fetch_add(&k->losses->spool, 1);
}

/* Events travel without their LF. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
	struct kafka *k = arg;

	(void)rk;
	if (!m->err) {
		k->report_at = 0;
		k->congested = false;
		return;
	}
	if (m->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
	    m->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		report(k, "Kafka did not take an event",
		       rd_kafka_err2str(m->err));
	if (k->second) {
		struct buf line;

		buf_init(&line, m->len + 1);
		buf_put(&line, m->payload, m->len);
		buf_putc(&line, '\n');
		if (line.error)
			atomic_fetch_add(&k->losses->spool, 1);
		else
			give_up(k, (uint64_t)(uintptr_t)m->_private,
				buf_slice(&line));
		buf_release(&line);
	} else {
		atomic_fetch_add(&k->losses->spool, 1);
	}
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *arg)
{
	(void)rk;
	(void)code;
	report(arg, "Kafka", reason);
}

/* librdkafka's own lines would go to the watched program's terminal. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility,
		   const char *text)
{
	(void)rk;
	(void)level;
	(void)facility;
	(void)text;
}

static int set_property(rd_kafka_conf_t *conf, const char *name,
			const char *value, struct err *err)
{
	char why[256];

	if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) ==
	    RD_KAFKA_CONF_OK)
		return 0;
	return err_set(err, ERR_USAGE, "Kafka property \"%s\": %s", name, why);
}

static bool is_secret(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strcmp(name, secrets[i]) == 0)
			return true;
	return false;
}

/* NAME=VALUE; NAME=@FILE takes the file's first line. */
static int set_from_text(rd_kafka_conf_t *conf, const char *text,
			 struct err *err)
{
	const char *equals = strchr(text, '=');
	struct buf secret;
	char name[128];
	int ret;

	if (!equals || equals == text || equals - text >= (int)sizeof(name))
		return err_set(err, ERR_USAGE,
			       "a Kafka property is not NAME=VALUE");
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	if (equals[1] != '@' && is_secret(name)) {
		err_set(err, ERR_USAGE,
			"property \"%s\" is a secret, and others can read a command line",
			name);
		err_hint(err, "put it into a file and say %s=@FILE", name);
		return ERR_USAGE;
	}
	if (equals[1] != '@')
		return set_property(conf, name, equals + 1, err);
	buf_init(&secret, SECRET_MAX);
	ret = file_read(equals + 2, &secret, err);
	if (ret == 0) {
		const char *value = buf_cstr(&secret);

		secret.p[strcspn(value, "\r\n")] = '\0';
		ret = set_property(conf, name, value, err);
		memset(secret.p, 0, secret.len);
	}
	buf_release(&secret);
	return ret;
}

static int make_conf(struct kafka *k, const struct probe_kafka_options *o,
		     struct err *err)
{
	int ret = 0;

	k->conf = rd_kafka_conf_new();
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(defaults); i++)
		ret = set_property(k->conf, defaults[i].name, defaults[i].value,
				   err);
	if (ret == 0)
		ret = set_property(k->conf, "bootstrap.servers", o->brokers,
				   err);
	for (size_t i = 0; ret == 0 && i < o->properties->n; i++)
		ret = set_from_text(k->conf, o->properties->items[i], err);
	rd_kafka_conf_set_opaque(k->conf, k);
	rd_kafka_conf_set_dr_msg_cb(k->conf, on_delivery);
	rd_kafka_conf_set_error_cb(k->conf, on_error);
	rd_kafka_conf_set_log_cb(k->conf, on_log);
	return ret;
}

static void drop_producer(struct kafka *k)
{
	if (!k->producer)
		return;
	(void)rd_kafka_purge(k->producer, RD_KAFKA_PURGE_F_QUEUE |
						  RD_KAFKA_PURGE_F_INFLIGHT);
	(void)rd_kafka_flush(k->producer, PURGE_WAIT_MS);
	rd_kafka_destroy(k->producer);
	k->producer = NULL;
}

/* False: there is none now. */
static bool have_producer(struct kafka *k)
{
	int64_t now = time_monotonic();
	rd_kafka_conf_t *conf;
	char why[256];

	if (k->producer &&
	    rd_kafka_fatal_error(k->producer, why, sizeof(why))) {
		report(k, "Kafka producer is made anew", why);
		drop_producer(k);
	}
	if (k->producer)
		return true;
	if (now < k->retry_at)
		return false;
	k->retry_at = now + RETRY_S * NS_PER_S;
	conf = rd_kafka_conf_dup(k->conf);
	k->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (k->producer)
		return true;
	rd_kafka_conf_destroy(conf);
	report(k, "cannot make a Kafka producer", why);
	return false;
}

static void kafka_write(struct probe_sink *sink, uint64_t seq,
			struct slice line)
{
	struct kafka *k = (struct kafka *)sink;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__STATE;

	for (int i = 0; i < FULL_WAITS_MAX && have_producer(k); i++) {
		code = rd_kafka_producev(
			k->producer, RD_KAFKA_V_TOPIC(k->topic),
			RD_KAFKA_V_KEY(k->key, strlen(k->key)),
			RD_KAFKA_V_VALUE((void *)(uintptr_t)line.p,
					 line.len - 1),
			RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
			RD_KAFKA_V_OPAQUE((void *)(uintptr_t)seq),
			RD_KAFKA_V_END);
		if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
			break;
		(void)rd_kafka_poll(k->producer,
				    k->congested ? 0 : FULL_WAIT_MS);
		if (k->congested && i > 0)
			break;
	}
	if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		k->congested = true;
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		give_up(k, seq, line);
}

static int64_t kafka_tick(struct probe_sink *sink, int64_t now)
{
	struct kafka *k = (struct kafka *)sink;
	int64_t next = INT64_MAX, second = INT64_MAX;

	if (k->producer) {
		(void)rd_kafka_poll(k->producer, 0);
		if (rd_kafka_outq_len(k->producer) > 0)
			next = now + POLL_MS * NS_PER_MS;
	}
	if (k->second)
		second = k->second->ops->tick(k->second, now);
	return next < second ? next : second;
}

static void kafka_flush(struct probe_sink *sink, int64_t deadline, bool final)
{
	struct kafka *k = (struct kafka *)sink;
	int64_t left = deadline - time_monotonic();

	if (k->producer && left > 0)
		(void)rd_kafka_flush(k->producer, (int)(left / NS_PER_MS));
	if (k->producer && final && rd_kafka_outq_len(k->producer) > 0) {
		(void)rd_kafka_purge(k->producer,
				     RD_KAFKA_PURGE_F_QUEUE |
					     RD_KAFKA_PURGE_F_INFLIGHT);
		(void)rd_kafka_flush(k->producer, PURGE_WAIT_MS);
	}
	if (k->second)
		k->second->ops->flush(k->second, deadline, final);
}

static void kafka_close(struct probe_sink *sink)
{
	struct kafka *k = (struct kafka *)sink;

	if (!k)
		return;
	drop_producer(k);
	if (k->conf)
		rd_kafka_conf_destroy(k->conf);
	if (k->second)
		k->second->ops->close(k->second);
	mem_free(k->topic);
	mem_free(k->key);
	mem_free(k);
}

static const struct probe_sink_ops kafka_ops = {
	.write = kafka_write,
	.tick = kafka_tick,
	.flush = kafka_flush,
	.close = kafka_close,
};

int probe_kafka_open(struct probe_sink **out,
		     const struct probe_kafka_options *options,
		     struct probe_sink *second, struct probe_losses *losses,
		     const struct probe_reporter *reporter, struct err *err)
{
	struct kafka *k = mem_calloc(1, sizeof(*k));
	int ret;

	if (!k)
		return err_nomem(err);
	k->sink.ops = &kafka_ops;
	k->losses = losses;
	k->reporter = *reporter;
	k->topic = mem_strdup(options->topic);
	k->key = mem_strdup(options->key);
	ret = k->topic && k->key ? make_conf(k, options, err) : err_nomem(err);
	if (ret == 0) {
		k->second = second;
		*out = &k->sink;
		k = NULL;
	}
	kafka_close((struct probe_sink *)k);
	return ret;
}
