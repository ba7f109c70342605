/*
 * tests/kafka/kafkactl.c - what the tests do to a broker.
 *
 *   kafkactl port                                   a free pair of ports
 *   kafkactl BROKERS create TOPIC PARTITIONS [NAME=VALUE]...
 *   kafkactl BROKERS grow TOPIC PARTITIONS
 *   kafkactl BROKERS delete TOPIC
 *   kafkactl BROKERS trim TOPIC PARTITION OFFSET    delete the records before
 *   kafkactl BROKERS ends TOPIC                     "PARTITION LOW HIGH" lines
 *   kafkactl BROKERS produce TOPIC PARTITIONS FROM COUNT [NAME=VALUE]...
 *   kafkactl BROKERS load TOPIC PARTITIONS FILE     the lines of a file, lz4
 *
 * Produced are events FROM, FROM + 1, ...: number n goes to partition
 * n modulo PARTITIONS, and its uuid and sensorSeq tell the number.  Settings:
 * rate=N events a second; transaction=commit or abort; seed=N for other uuids;
 * kind=event, tombstone (no value), text (no JSON), headers, or bytes=N long.
 * The producer is idempotent and ends with status 1 if one event failed.
 */
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

enum { CALL_MS = 30000, EVENT_MAX = 64 << 20, EVENT_BYTES = 585 };

struct producer {
	rd_kafka_t *rk;
	const char *topic;
	int partitions;
	long long from, count, rate, seed, bytes;
	const char *kind, *transaction;
	struct buf text;
	long long failed;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "kafkactl: %s: %s\n", what, why);
	exit(1);
}

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	(void)rk;
	(void)opaque;
	if (!m->err)
		return;
	fprintf(stderr, "kafkactl: %s\n", rd_kafka_err2str(m->err));
	++*(long long *)m->_private;
}

static rd_kafka_t *client(const char *brokers, const char *transaction)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	const char *const settings[][2] = {
		{ "bootstrap.servers", brokers },
		{ "enable.idempotence", "true" },
		{ "linger.ms", "5" },
		{ "compression.codec", "lz4" },
		{ "message.max.bytes", "67108864" },
		{ "queue.buffering.max.messages", "500000" },
		{ "reconnect.backoff.max.ms", "500" },
		{ "message.timeout.ms", transaction ? "30000" : "120000" },
		{ transaction ? "transactional.id" : "client.id", "kafkactl" },
	};
	char why[256];
	rd_kafka_t *rk;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why,
				      sizeof(why)) != RD_KAFKA_CONF_OK)
			die(settings[i][0], why);
	}
	rd_kafka_conf_set_log_cb(conf, NULL);
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!rk)
		die("client", why);
	return rk;
}

/* A pair of ports that nobody listens on now; brokers take two in a row. */
static int print_port(void)
{
	for (int port = 20000 + (int)(getpid() % 8000) * 4; port < 65000; port += 2) {
		bool unused = true;

		for (int i = 0; i < 2; i++) {
			struct sockaddr_in a = {
				.sin_family = AF_INET,
				.sin_port = htons((uint16_t)(port + i)),
				.sin_addr = { htonl(INADDR_LOOPBACK) },
			};
			int fd = socket(AF_INET, SOCK_STREAM, 0);

			unused &= bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
			close(fd);
		}
		if (unused) {
			printf("%d\n", port);
			return 0;
		}
	}
	return 1;
}

/* Waits for the event of an admin call; ends the program if it failed. */
static rd_kafka_event_t *wait_for(rd_kafka_queue_t *q, const char *what)
{
	rd_kafka_event_t *e = rd_kafka_queue_poll(q, CALL_MS);

	if (!e)
		die(what, "no answer");
	if (rd_kafka_event_error(e))
		die(what, rd_kafka_event_error_string(e));
	return e;
}

static void check_topics(const rd_kafka_topic_result_t *const *results, size_t n,
			 const char *what)
{
	for (size_t i = 0; i < n; i++) {
		if (rd_kafka_topic_result_error(results[i]))
			die(what, rd_kafka_topic_result_error_string(results[i]));
	}
}

/* A producer that writes before all leaders are known waits for a second. */
static void wait_for_leaders(rd_kafka_t *rk, const char *topic, int partitions)
{
	rd_kafka_topic_t *t = rd_kafka_topic_new(rk, topic, NULL);
	const struct timespec nap = { .tv_nsec = 20 * NS_PER_MS };

	for (int tries = 0; tries < 500; tries++) {
		const struct rd_kafka_metadata *md;
		int leaders = 0;

		if (rd_kafka_metadata(rk, 0, t, &md, CALL_MS) == 0) {
			for (int i = 0; i < md->topics[0].partition_cnt; i++)
				leaders += md->topics[0].partitions[i].leader >= 0;
			rd_kafka_metadata_destroy(md);
		}
		if (leaders >= partitions) {
			rd_kafka_topic_destroy(t);
			return;
		}
		nanosleep(&nap, NULL);
	}
	die(topic, "its partitions have no leaders");
}

static void create(rd_kafka_t *rk, int argc, char **argv)
{
	int partitions = (int)strtol(argv[1], NULL, 10);
	rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
	char why[256];
	rd_kafka_NewTopic_t *t =
		rd_kafka_NewTopic_new(argv[0], partitions, 1, why, sizeof(why));
	rd_kafka_event_t *e;
	size_t n;

	if (!t)
		die(argv[0], why);
	rd_kafka_NewTopic_set_config(t, "retention.ms", "-1");
	for (int i = 2; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			die(argv[i], "not NAME=VALUE");
		*equals = '\0';
		rd_kafka_NewTopic_set_config(t, argv[i], equals + 1);
	}
	rd_kafka_CreateTopics(rk, &t, 1, NULL, q);
	e = wait_for(q, "create");
	check_topics(rd_kafka_CreateTopics_result_topics(
			     rd_kafka_event_CreateTopics_result(e), &n), 1, "create");
	rd_kafka_event_destroy(e);
	rd_kafka_NewTopic_destroy(t);
	rd_kafka_queue_destroy(q);
	wait_for_leaders(rk, argv[0], partitions);
}

static void grow(rd_kafka_t *rk, char **argv)
{
	int partitions = (int)strtol(argv[1], NULL, 10);
	rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
	char why[256];
	rd_kafka_NewPartitions_t *p = rd_kafka_NewPartitions_new(
		argv[0], (size_t)partitions, why, sizeof(why));
	rd_kafka_event_t *e;
	size_t n;

	if (!p)
		die(argv[0], why);
	rd_kafka_CreatePartitions(rk, &p, 1, NULL, q);
	e = wait_for(q, "grow");
	check_topics(rd_kafka_CreatePartitions_result_topics(
			     rd_kafka_event_CreatePartitions_result(e), &n), 1, "grow");
	rd_kafka_event_destroy(e);
	rd_kafka_NewPartitions_destroy(p);
	rd_kafka_queue_destroy(q);
	wait_for_leaders(rk, argv[0], partitions);
}

static void delete_topic(rd_kafka_t *rk, const char *topic)
{
	rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
	rd_kafka_DeleteTopic_t *t = rd_kafka_DeleteTopic_new(topic);
	rd_kafka_event_t *e;
	size_t n;

	rd_kafka_DeleteTopics(rk, &t, 1, NULL, q);
	e = wait_for(q, "delete");
	check_topics(rd_kafka_DeleteTopics_result_topics(
			     rd_kafka_event_DeleteTopics_result(e), &n), 1, "delete");
	rd_kafka_event_destroy(e);
	rd_kafka_DeleteTopic_destroy(t);
	rd_kafka_queue_destroy(q);
}

static void trim(rd_kafka_t *rk, char **argv)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
	rd_kafka_DeleteRecords_t *d;
	rd_kafka_event_t *e;

	rd_kafka_topic_partition_list_add(list, argv[0],
					  (int)strtol(argv[1], NULL, 10))->offset =
		strtoll(argv[2], NULL, 10);
	d = rd_kafka_DeleteRecords_new(list);
	rd_kafka_DeleteRecords(rk, &d, 1, NULL, q);
	e = wait_for(q, "trim");
	rd_kafka_event_destroy(e);
	rd_kafka_DeleteRecords_destroy(d);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_queue_destroy(q);
}

static void ends(rd_kafka_t *rk, const char *topic)
{
	rd_kafka_topic_t *t = rd_kafka_topic_new(rk, topic, NULL);
	const struct rd_kafka_metadata *md;
	int64_t low, high;

	if (rd_kafka_metadata(rk, 0, t, &md, CALL_MS) != 0)
		die(topic, "no metadata");
	for (int i = 0; i < md->topics[0].partition_cnt; i++) {
		if (rd_kafka_query_watermark_offsets(rk, topic, i, &low, &high, CALL_MS))
			die(topic, "no watermarks");
		printf("%d %lld %lld\n", i, (long long)low, (long long)high);
	}
	rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(t);
}

/* Event `n` as JSON, padded to the length wanted. */
static void write_event(struct producer *p, long long n)
{
	size_t bytes = p->bytes ? (size_t)p->bytes : EVENT_BYTES;
	char uuid[40], time[TIME_TEXT_MAX], name[32];
	struct buf *b = &p->text;
	struct json_writer w;

	snprintf(uuid, sizeof(uuid), "%08llx-0000-4000-8000-%012llx", p->seed, n);
	snprintf(name, sizeof(name), "prog-%lld", n % 97);
	buf_reset(b);
	json_init(&w, b);
	json_object_begin(&w);
	json_key(&w, "uuid");
	json_str(&w, uuid);
	json_key(&w, "eventTime");
	json_string(&w, slice_of(time, time_format_utc(
		INT64_C(1767225600) * NS_PER_S + n * NS_PER_MS, time)));
	json_key(&w, "sensorUuid");
	json_str(&w, "7b2f0000-0000-4000-8000-000000000001");
	json_key(&w, "sensorSeq");
	json_i64(&w, n);
	json_key(&w, "action");
	json_str(&w, "MONITOR");
	json_key(&w, "processName");
	json_str(&w, name);
	json_key(&w, "message");
	buf_puts(b, "\"");
	while (b->len < bytes - 2 && !b->error)
		buf_putc(b, (char)('a' + (b->len * 7 + (size_t)n) % 26));
	buf_puts(b, "\"}");
}

static void send_one(struct producer *p, long long n)
{
	bool tombstone = strcmp(p->kind, "tombstone") == 0;
	rd_kafka_headers_t *headers = NULL;
	rd_kafka_resp_err_t e;
	char key[32];

	snprintf(key, sizeof(key), "key-%lld", n);
	write_event(p, n);
	if (strcmp(p->kind, "text") == 0) {
		buf_reset(&p->text);
		buf_printf(&p->text, "this is no JSON %lld", n);
	}
	do {
		if (strcmp(p->kind, "headers") == 0) {
			headers = rd_kafka_headers_new(2);
			rd_kafka_header_add(headers, "trace", -1, "a", 1);
			rd_kafka_header_add(headers, "trace", -1, NULL, 0);
		}
		e = rd_kafka_producev(
			p->rk, RD_KAFKA_V_TOPIC(p->topic),
			RD_KAFKA_V_PARTITION((int)(n % p->partitions)),
			RD_KAFKA_V_KEY(key, strlen(key)),
			RD_KAFKA_V_VALUE(tombstone ? NULL : p->text.p,
					 tombstone ? 0 : p->text.len),
			RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
			RD_KAFKA_V_HEADERS(headers),
			RD_KAFKA_V_OPAQUE(&p->failed), RD_KAFKA_V_END);
		if (e && headers)
			rd_kafka_headers_destroy(headers);
		rd_kafka_poll(p->rk, e == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 50 : 0);
	} while (e == RD_KAFKA_RESP_ERR__QUEUE_FULL);
	if (e)
		die("produce", rd_kafka_err2str(e));
}

static void check_error(rd_kafka_error_t *e, const char *what)
{
	if (e)
		die(what, rd_kafka_error_string(e));
}

static void setting(struct producer *p, const char *text)
{
	const char *value = strchr(text, '=');
	size_t len = value ? (size_t)(value - text) : 0;
	struct slice name = slice_of(text, len);

	if (!value)
		die(text, "not NAME=VALUE");
	value++;
	if (slice_eq(name, SLICE_LIT("rate")))
		p->rate = strtoll(value, NULL, 10);
	else if (slice_eq(name, SLICE_LIT("seed")))
		p->seed = strtoll(value, NULL, 10);
	else if (slice_eq(name, SLICE_LIT("bytes")))
		p->bytes = strtoll(value, NULL, 10);
	else if (slice_eq(name, SLICE_LIT("kind")))
		p->kind = value;
	else if (slice_eq(name, SLICE_LIT("transaction")))
		p->transaction = value;
	else
		die(text, "no such setting");
}

static void keep_rate(const struct producer *p, int64_t began, long long done)
{
	int64_t due, now;

	if (p->rate <= 0 || done % 16 != 0)
		return;
	due = began + done * NS_PER_S / p->rate;
	now = time_monotonic();
	if (due > now)
		rd_kafka_poll(p->rk, (int)((due - now) / NS_PER_MS));
}

static int produce(const char *brokers, int argc, char **argv)
{
	struct producer p = { .topic = argv[0], .kind = "event" };
	int64_t began = time_monotonic();

	p.partitions = (int)strtol(argv[1], NULL, 10);
	p.from = strtoll(argv[2], NULL, 10);
	p.count = strtoll(argv[3], NULL, 10);
	for (int i = 4; i < argc; i++)
		setting(&p, argv[i]);
	buf_init(&p.text, EVENT_MAX);
	p.rk = client(brokers, p.transaction);
	wait_for_leaders(p.rk, p.topic, p.partitions);
	if (p.transaction) {
		check_error(rd_kafka_init_transactions(p.rk, CALL_MS), "init");
		check_error(rd_kafka_begin_transaction(p.rk), "begin");
	}
	for (long long i = 0; i < p.count; i++) {
		send_one(&p, p.from + i);
		keep_rate(&p, began, i);
	}
	if (p.transaction && strcmp(p.transaction, "abort") == 0) {
		rd_kafka_flush(p.rk, CALL_MS);
		check_error(rd_kafka_abort_transaction(p.rk, CALL_MS), "abort");
	} else if (p.transaction) {
		check_error(rd_kafka_commit_transaction(p.rk, CALL_MS), "commit");
	} else if (rd_kafka_flush(p.rk, 4 * CALL_MS)) {
		die("produce", "not all could be delivered");
	}
	rd_kafka_destroy(p.rk);
	buf_release(&p.text);
	return p.failed ? 1 : 0;
}

/* A prepared file as fast as it goes, for measurements. */
static int load(const char *brokers, char **argv)
{
	int partitions = (int)strtol(argv[1], NULL, 10);
	rd_kafka_t *rk = client(brokers, NULL);
	FILE *f = fopen(argv[2], "r");
	long long n = 0, failed = 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!f)
		die(argv[2], "cannot be opened");
	wait_for_leaders(rk, argv[0], partitions);
	while ((len = getline(&line, &cap, f)) > 0) {
		rd_kafka_resp_err_t e;

		do {
			e = rd_kafka_producev(
				rk, RD_KAFKA_V_TOPIC(argv[0]),
				RD_KAFKA_V_PARTITION((int)(n / 1000 % partitions)),
				RD_KAFKA_V_VALUE(line, (size_t)len - (line[len - 1] == '\n')),
				RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
				RD_KAFKA_V_OPAQUE(&failed), RD_KAFKA_V_END);
			rd_kafka_poll(rk, e == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 50 : 0);
		} while (e == RD_KAFKA_RESP_ERR__QUEUE_FULL);
		n++;
	}
	rd_kafka_flush(rk, 4 * CALL_MS);
	rd_kafka_destroy(rk);
	free(line);
	fclose(f);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 2 ? argv[2] : "";
	rd_kafka_t *rk;

	if (argc == 2 && strcmp(argv[1], "port") == 0)
		return print_port();
	if (strcmp(command, "produce") == 0 && argc >= 7)
		return produce(argv[1], argc - 3, argv + 3);
	if (strcmp(command, "load") == 0 && argc == 6)
		return load(argv[1], argv + 3);
	if (argc < 4)
		die("usage", "see the head of kafkactl.c");
	rk = client(argv[1], NULL);
	if (strcmp(command, "create") == 0 && argc >= 5)
		create(rk, argc - 3, argv + 3);
	else if (strcmp(command, "grow") == 0 && argc == 5)
		grow(rk, argv + 3);
	else if (strcmp(command, "delete") == 0)
		delete_topic(rk, argv[3]);
	else if (strcmp(command, "trim") == 0 && argc == 6)
		trim(rk, argv + 3);
	else if (strcmp(command, "ends") == 0)
		ends(rk, argv[3]);
	else
		die("usage", "see the head of kafkactl.c");
	rd_kafka_destroy(rk);
	return 0;
}
