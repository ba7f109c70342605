/*
 * probe/event.c - events as JSON lines.
 */
#include "probe/event.h"

#include <string.h>
#include <sys/random.h>

#include "base/json.h"
#include "base/time.h"
#include "probe/calls.h"
#include "probe/facts.h"
#include "probe/text.h"

#ifndef CRS_VERSION
#define CRS_VERSION "unknown"
#endif

enum { SHARED_MAX = 8 << 10 };

static const char *const rule_names[] = {
	[PROBE_RULE_READ] = "READ",
	[PROBE_RULE_WRITE] = "WRITE",
	[PROBE_RULE_OUTBOUND] = "NETWORK_OUTBOUND",
	[PROBE_RULE_INBOUND] = "NETWORK_INBOUND",
	[PROBE_RULE_SYSCALL] = "SYSCALL",
};

static const struct {
	enum probe_quality bit;
	const char *name;
} qualities[] = {
	{ PROBE_UNREADABLE, "unreadable" },
	{ PROBE_PEER_UNKNOWN, "peer_unknown" },
	{ PROBE_CUT, "truncated" },
};

int probe_events_init(struct probe_events *e, const struct probe_host *host,
		      const struct probe_labels *labels, struct err *err)
{
	*e = (struct probe_events){ .host = host, .seq = 1 };
	e->random_used = sizeof(e->random);
	buf_init(&e->shared, SHARED_MAX);
	buf_init(&e->out, PROBE_EVENT_MAX);
	probe_host_members(host, labels, &e->shared);
	return buf_error(&e->shared, "the description of host and image", err);
}

void probe_events_release(struct probe_events *e)
{
	buf_release(&e->shared);
	buf_release(&e->out);
}

static void put_str(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_str(w, value);
}

static void put_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_i64(w, value);
}

static void put_bytes(struct json_writer *w, const char *key,
		      struct slice value)
{
	if (!value.p)
		return;
	json_key(w, key);
	probe_text_json(w, value);
}

static void put_list(struct json_writer *w, const char *key,
		     const struct slice *items, size_t n)
{
	if (n == 0)
		return;
	json_key(w, key);
	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		probe_text_json(w, items[i].p ? items[i] : SLICE_LIT(""));
	json_array_end(w);
}

static void put_uuid(struct probe_events *e, struct json_writer *w)
{
	char uuid[PROBE_UUID_MAX];

	if (e->random_used + 16 > sizeof(e->random)) {
		ssize_t got = getrandom(e->random, sizeof(e->random), 0);

		/* More than 256 bytes may be cut short by a signal: all are
		 * blocked here, so this is a matter of form. */
		e->random_used = got == (ssize_t)sizeof(e->random) ?
					 0 :
					 sizeof(e->random) - 16;
	}
	probe_uuid_text(e->random + e->random_used, uuid);
	e->random_used += 16;
	put_str(w, "uuid", uuid);
}

/* Opens the line with what all events have. */
static void begin(struct probe_events *e, struct json_writer *w, int64_t when)
{
	char text[TIME_TEXT_MAX];
	size_t n = time_format_utc(when, text);

	buf_reset(&e->out);
	json_init(w, &e->out);
	json_object_begin(w);
	put_uuid(e, w);
	put_str(w, "eventType", "STANDARD");
	put_str(w, "sensorUuid", e->host->sensor_uuid);
	json_key(w, "sensorSeq");
	json_u64(w, e->seq);
	put_str(w, "sensorVersion", CRS_VERSION);
	json_key(w, "eventTime");
	json_string(w, slice_of(text, n));
}

static struct slice end(struct probe_events *e, struct json_writer *w)
{
	json_object_end(w);
	buf_putc(&e->out, '\n');
	if (e->out.error)
		return (struct slice){ NULL, 0 };
	return buf_slice(&e->out);
}

static void put_quality(struct json_writer *w, unsigned quality)
{
	if (!quality)
		return;
	json_key(w, "quality");
	json_array_begin(w);
	for (size_t i = 0; i < ARRAY_SIZE(qualities); i++)
		if (quality & qualities[i].bit)
			json_str(w, qualities[i].name);
	json_array_end(w);
}

/* A port of 0 says something only where the program asked for it. */
static void put_endpoint(struct json_writer *w, const struct probe_endpoint *e,
			 const char *ip_key, const char *port_key, bool asked)
{
	char ip[PROBE_IP_TEXT_MAX];

	if (!e->family)
		return;
	probe_endpoint_ip(e, ip);
	put_str(w, ip_key, ip);
	if (e->port || asked)
		put_int(w, port_key, e->port);
}

static void put_object(struct json_writer *w, const struct probe_attempt *a)
{
	put_bytes(w, "filePath", a->file_path);
	put_bytes(w, "execPath", a->exec_path);
	put_list(w, "execArgs", a->exec_args, a->nexec_args);
	if (a->protocol)
		put_str(w, "protocol", a->protocol);
	put_endpoint(w, &a->local, "localIp", "localPort",
		     a->rule == PROBE_RULE_INBOUND);
	put_endpoint(w, &a->remote, "remoteIp", "remotePort",
		     a->rule == PROBE_RULE_OUTBOUND);
	if (a->message)
		put_str(w, "message", a->message);
}

struct slice probe_events_attempt(struct probe_events *e,
				  const struct probe_seen *seen,
				  const struct probe_attempt *a, int64_t when)
{
	const struct probe_process *p = seen->process;
	struct json_writer w;

	begin(e, &w, when);
	if (a->count > 1)
		put_int(&w, "count", a->count);
	put_str(&w, "ruleType", rule_names[a->rule]);
	put_str(&w, "systemCall", a->system_call);
	put_str(&w, "via", seen->call ? seen->call->name : a->system_call);
	put_int(&w, "systemCallNumber", seen->notif->data.nr);
	put_list(&w, "arguments", a->arguments, a->narguments);
	if (a->has_return)
		put_int(&w, "returnCode", a->return_code);
	put_quality(&w, a->quality | p->quality);
	put_str(&w, "action", a->refused ? "DENY" : "MONITOR");
	if (a->refused) {
		json_key(&w, "enforced");
		json_bool(&w, true);
	}
	probe_text_members(&w, buf_slice(&e->shared));
	if (p->json.len > 0)
		probe_text_members(&w, buf_slice(&p->json));
	else
		put_int(&w, "processId", p->tgid);
	put_int(&w, "threadId", seen->target.tid);
	if (p->cwd_known)
		put_bytes(&w, "workingDirectory", buf_slice(&p->cwd));
	put_object(&w, a);
	return end(e, &w);
}

struct slice probe_events_sensor(struct probe_events *e, const char *kind,
				 const struct probe_losses_now *losses,
				 const char *message, int64_t when)
{
	struct json_writer w;

	begin(e, &w, when);
	put_str(&w, "ruleType", "PROBE");
	put_str(&w, "sensorEvent", kind);
	probe_text_members(&w, buf_slice(&e->shared));
	json_key(&w, "droppedRing");
	json_u64(&w, losses->ring);
	json_key(&w, "droppedSpool");
	json_u64(&w, losses->spool);
	json_key(&w, "droppedRate");
	json_u64(&w, losses->rate);
	if (message)
		put_str(&w, "message", message);
	return end(e, &w);
}
