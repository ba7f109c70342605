/*
 * ingest/source_kafka_client.c - clients of librdkafka: properties, errors.
 */
#include "ingest/source_kafka_int.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"

#define WARN_EVERY (60 * NS_PER_S)

static const struct ingest_property defaults[] = {
	{ "client.id", "crs-ingest" },
	{ "group.id", "crs-ingest" },
	/* The queue must hold more than a second of traffic: a partition that
	 * finds it full is not fetched for a second (librdkafka 2.0.2). */
	{ "queued.min.messages", "1000000" },
	{ "queued.max.messages.kbytes", "262144" },
	{ "fetch.message.max.bytes", "262144" },
	{ "reconnect.backoff.max.ms", "500" },
	{ "socket.keepalive.enable", "true" },
	{ "log.connection.close", "false" },
};

static const struct ingest_property fixed[] = {
	{ "enable.auto.commit", "false" },
	{ "enable.auto.offset.store", "false" },
	{ "auto.offset.reset", "error" },
	{ "isolation.level", "read_committed" },
};

/* The watch reads one record of each partition, and wants it soon. */
static const struct ingest_property watch_only[] = {
	{ "queued.min.messages", "100000" },
	{ "queued.max.messages.kbytes", "65536" },
	{ "fetch.message.max.bytes", "16384" },
	{ "fetch.wait.max.ms", "50" },
	{ "enable.partition.eof", "true" },
};

static const struct ingest_property once_only[] = {
	{ "fetch.wait.max.ms", "50" },
	{ "enable.partition.eof", "true" },
};

void ingest_kafka_trouble(struct ingest_kafka_trouble *t, int code,
			  const char *reason)
{
	int64_t now = time_monotonic();

	switch (code) {
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
		atomic_store(&t->denied, true);
		break;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
		atomic_store(&t->reconnected, true);
		break;
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		atomic_store(&t->lost, true);
		break;
	default:
		break;
	}
	/* "all brokers down" says less than what came before it. */
	if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !t->last[0])
		snprintf(t->last, sizeof(t->last), "%s", reason);
	if (code == t->warned_code && now - t->warned_at < WARN_EVERY)
		return;
	t->warned_code = code;
	t->warned_at = now;
	log_warn("kafka: %s", reason);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	(void)rk;
	ingest_kafka_trouble(opaque, code, reason);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility,
		   const char *text)
{
	(void)rk;
	(void)level;
	log_debug("kafka: %s: %s", facility, text);
}

static int set_all(rd_kafka_conf_t *conf, const struct ingest_property *p,
		   size_t n, struct err *err)
{
	char why[256];

	for (size_t i = 0; i < n; i++) {
		int ret;

		if (rd_kafka_conf_set(conf, p[i].name, p[i].value, why,
				      sizeof(why)) == RD_KAFKA_CONF_OK)
			continue;
		ret = err_set(err, ERR_USAGE, "kafka property \"%s\": %s", p[i].name,
			      /* the text may repeat a secret value */
			      ingest_property_is_secret(p[i].name) ? "not accepted" : why);
		err_hint(err, "librdkafka %s lists its properties in CONFIGURATION.md",
			 rd_kafka_version_str());
		return ret;
	}
	return 0;
}

static bool has_brokers(const struct ingest_kafka_options *o)
{
	for (size_t i = 0; i < o->nproperties; i++) {
		if (strcmp(o->properties[i].name, "bootstrap.servers") == 0 ||
		    strcmp(o->properties[i].name, "metadata.broker.list") == 0)
			return true;
	}
	return false;
}

static int configure(rd_kafka_conf_t *conf, const struct ingest_kafka_options *o,
		     enum ingest_kafka_role role, struct err *err)
{
	int ret = set_all(conf, defaults, ARRAY_SIZE(defaults), err);

	if (ret == 0)
		ret = set_all(conf, o->properties, o->nproperties, err);
	if (ret == 0)
		ret = set_all(conf, fixed, ARRAY_SIZE(fixed), err);
	if (ret == 0 && role == INGEST_KAFKA_WATCH)
		ret = set_all(conf, watch_only, ARRAY_SIZE(watch_only), err);
	if (ret == 0 && o->once)
		ret = set_all(conf, once_only, ARRAY_SIZE(once_only), err);
	return ret;
}

int ingest_kafka_client(rd_kafka_t **out, const struct ingest_kafka_options *o,
			enum ingest_kafka_role role,
			struct ingest_kafka_trouble *t, struct err *err)
{
	rd_kafka_conf_t *conf;
	char why[256];
	rd_kafka_t *rk;
	int ret;

	if (!has_brokers(o)) {
		ret = err_set(err, ERR_USAGE, "source \"%s\": no broker is given", o->name);
		err_hint(err, "give -X bootstrap.servers=HOST:9092");
		return ret;
	}
	conf = rd_kafka_conf_new();
	ret = configure(conf, o, role, err);
	if (ret < 0) {
		rd_kafka_conf_destroy(conf);
		return ret;
	}
	rd_kafka_conf_set_opaque(conf, t);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, on_log);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (!rk) {
		rd_kafka_conf_destroy(conf);
		return err_set(err, ERR_USAGE, "kafka client: %s", why);
	}
	rd_kafka_poll_set_consumer(rk);
	*out = rk;
	return 0;
}

struct hash128 ingest_kafka_hash(const rd_kafka_message_t *m)
{
	struct hash128 key = hash128(m->key, m->key ? m->key_len : 0);
	struct hash128 value = hash128(m->payload, m->payload ? m->len : 0);
	/* Missing and empty differ. */
	uint64_t parts[] = { key.hi, key.lo, value.hi, value.lo,
			     (uint64_t)!m->key | (uint64_t)!m->payload << 1 };

	return hash128(parts, sizeof(parts));
}
