/*
 * crs-gen - seeded runtime events for tests and benchmarks.
 *
 * The same seed gives the same bytes.  The mix is that of a busy cluster: 55 %
 * file access, 23 % network, 17 % executions, 5 % other calls; 10,000
 * containers, 300 images, 200 hosts, 400 programs, 40,000 paths (and 3 %
 * never seen again), 10,000 addresses (and 10 % random ones), 40 policies with
 * some 16,000 rules, each drawn log-uniformly (Zipf with exponent 1); events
 * are 0 to 1.8 ms apart.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/term.h"
#include "base/time.h"

enum {
	CONTAINERS = 10000,
	IMAGES = 300,
	HOSTS = 200,
	PROGRAMS = 400,
	PATHS = 40000,
	ADDRESSES = 10000,
	POLICIES = 40,
	RULES = 400, /* of one policy */
	CHUNK = 256 << 10,
};

struct options {
	int64_t count;
	int64_t seed;
	const char *start;
	bool spaced;
};

static const struct opt gen_options[] = {
	{ OPT_INT, 'n', "count", "N", NULL, NULL, "events to write (default 1000000)",
	  offsetof(struct options, count), 0, INT64_MAX },
	{ OPT_INT, 's', "seed", "N", NULL, NULL, "seed of the random numbers (default 1)",
	  offsetof(struct options, seed), 0, INT64_MAX },
	{ OPT_STRING, 0, "start", "TIME", NULL, NULL,
	  "time of the first event (default 2026-11-01T00:00:00Z)",
	  offsetof(struct options, start), 0, 0 },
	{ OPT_FLAG, 0, "spaced", NULL, NULL, NULL,
	  "write \", \" and \": \" as many producers do",
	  offsetof(struct options, spaced), 0, 0 },
	{ .name = NULL },
};

static const struct opt_program gen_program = {
	.name = "crs-gen",
	.summary = "write seeded runtime events, one JSON object a line",
	.synopsis = "[OPTION]...",
	.options = gen_options,
};

/* splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", 2014). */
static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

struct gen {
	uint64_t state;
	uint64_t seed;
	int64_t now;
	struct buf out;
	struct json_writer json;
};

static uint64_t next(struct gen *g)
{
	return mix(g->state++);
}

static uint32_t below(struct gen *g, uint32_t n)
{
	return (uint32_t)((next(g) >> 32) * n >> 32);
}

/* 0 .. n-1, small ones often. */
static uint32_t zipf(struct gen *g, uint32_t n)
{
	double u = (double)(next(g) >> 11) * 0x1p-53;
	uint32_t i = (uint32_t)(exp(u * log(n + 1.0)) - 1.0);

	return i < n ? i : n - 1;
}

static const char *const program_names[] = {
	"nginx", "java", "python3", "node", "sh", "bash", "curl", "redis-server",
	"postgres", "envoy", "kubelet", "grep", "sed", "awk", "cat", "ls", "tar",
	"gzip", "openssl", "wget", "ruby", "php-fpm", "mysqld", "haproxy",
};
static const char *const directories[] = {
	"/etc", "/usr/lib/x86_64-linux-gnu", "/var/log/app", "/var/lib/data",
	"/tmp", "/proc/self", "/usr/share/zoneinfo", "/opt/app/conf",
	"/home/app/.cache", "/run/secrets", "/usr/lib/python3/dist-packages",
	"/srv/www/html",
};
static const char *const file_stems[] = {
	"passwd", "shadow", "hosts", "resolv.conf", "libc.so.6", "index.html",
	"app.log", "access.log", "settings.yaml", "module.py", "token", "cache.db",
	"session", "data.bin", "report.csv", "id_rsa",
};

/* Texts of one event; each ends with NUL. */
struct program {
	char name[32];
	char path[64];
};

static void make_program(struct program *p, uint32_t id)
{
	const char *stem = program_names[id % ARRAY_SIZE(program_names)];
	uint32_t n = id / ARRAY_SIZE(program_names);

	if (n == 0)
		snprintf(p->name, sizeof(p->name), "%s", stem);
	else
		snprintf(p->name, sizeof(p->name), "%s-%u", stem, n);
	snprintf(p->path, sizeof(p->path), "%s/%s",
		 id % 3 ? "/usr/bin" : "/usr/local/sbin", p->name);
}

static void make_path(struct gen *g, char *out, size_t size)
{
	bool unique = below(g, 100) < 3;
	uint64_t id = unique ? next(g) : zipf(g, PATHS);
	uint64_t h = mix(id ^ g->seed);
	const char *dir = directories[h % ARRAY_SIZE(directories)];
	const char *stem = file_stems[(h >> 8) % ARRAY_SIZE(file_stems)];

	if (unique)
		snprintf(out, size, "%s/%s.%08x", dir, stem, (unsigned)(id >> 32));
	else if (id < ARRAY_SIZE(directories) * ARRAY_SIZE(file_stems))
		snprintf(out, size, "%s/%s", dir, stem);
	else
		snprintf(out, size, "%s/%u/%s", dir, (unsigned)(id % 977), stem);
}

static void make_address(struct gen *g, char *out, size_t size)
{
	uint64_t h = below(g, 10) ? mix(zipf(g, ADDRESSES) + 77) : next(g);

	if (h % 16 == 0)
		snprintf(out, size, "2001:db8:%x:%x::%x",
			 (unsigned)(h >> 16 & 0xfff) + 1,
			 (unsigned)(h >> 28 & 0xfff) + 1,
			 (unsigned)(h >> 40 & 0xfff) + 1);
	else
		snprintf(out, size, "%u.%u.%u.%u", 10 + (unsigned)(h >> 8 & 63),
			 (unsigned)(h >> 16 & 255), (unsigned)(h >> 24 & 255),
			 (unsigned)(h >> 32 & 255));
}

static void put_uuid(struct json_writer *w, const char *key, uint64_t a, uint64_t b)
{
	char text[40];
	int n = snprintf(text, sizeof(text), "%08x-%04x-4%03x-%04x-%012llx",
			 (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
			 (unsigned)(a & 0xfff), 0x8000 | (unsigned)(b >> 48 & 0x3fff),
			 (unsigned long long)(b & 0xffffffffffff));

	json_key(w, key);
	json_string(w, slice_of(text, (size_t)n));
}

static void put_container(struct gen *g, uint32_t id)
{
	struct json_writer *w = &g->json;
	uint64_t h = mix(id + (g->seed << 20));
	char text[80];
	int n;

	n = snprintf(text, sizeof(text), "%016llx%016llx%016llx%016llx",
		     (unsigned long long)h, (unsigned long long)mix(h + 1),
		     (unsigned long long)mix(h + 2), (unsigned long long)mix(h + 3));
	json_key(w, "containerSha");
	json_string(w, slice_of(text, (size_t)n));
	snprintf(text, sizeof(text), "%s-%u", program_names[h % 20], id);
	json_key(w, "containerName");
	json_str(w, text);
	snprintf(text, sizeof(text), "team%u/%s:1.%u",
		 (unsigned)(h >> 8) % 12, program_names[(h >> 16) % IMAGES % 20],
		 (unsigned)(h >> 16) % IMAGES / 20);
	json_key(w, "imageName");
	json_str(w, text);
	snprintf(text, sizeof(text), "node-%03u", (unsigned)(h >> 24) % HOSTS);
	json_key(w, "hostName");
	json_str(w, text);
	snprintf(text, sizeof(text), "ns-%u", (unsigned)(h >> 36) % 24);
	json_key(w, "namespace");
	json_str(w, text);
}

static void put_process(struct gen *g, struct program *p)
{
	struct json_writer *w = &g->json;

	make_program(p, zipf(g, PROGRAMS));
	json_key(w, "processId");
	json_i64(w, 2 + below(g, 32766));
	json_key(w, "processName");
	json_str(w, p->name);
	json_key(w, "processPath");
	json_str(w, p->path);
	json_key(w, "parentProcessId");
	json_i64(w, 1 + below(g, 32766));
	json_key(w, "userId");
	json_i64(w, below(g, 4) ? 0 : 1000 + below(g, 30));
}

static void put_decision(struct gen *g)
{
	struct json_writer *w = &g->json;
	uint32_t roll = below(g, 100);
	uint32_t policy = zipf(g, POLICIES), rule = zipf(g, RULES);
	char text[40];

	json_key(w, "action");
	json_str(w, roll < 4 ? "DENY" : roll < 30 ? "MONITOR" : "ALLOW");
	json_key(w, "enforced");
	json_bool(w, roll < 3);
	json_key(w, "severity");
	json_i64(w, 1 + zipf(g, 5));
	snprintf(text, sizeof(text), "policy-%u", policy);
	json_key(w, "policyName");
	json_str(w, text);
	snprintf(text, sizeof(text), "rule-%u-%u", policy, rule);
	json_key(w, "ruleName");
	json_str(w, text);
}

static void put_network(struct gen *g)
{
	static const uint16_t ports[] = { 443, 80, 5432, 6379, 53, 8080, 9092, 22, 3306 };
	struct json_writer *w = &g->json;
	char text[64];

	json_key(w, "protocol");
	json_str(w, below(g, 5) ? "TCP" : "UDP");
	make_address(g, text, sizeof(text));
	json_key(w, "remoteIp");
	json_str(w, text);
	json_key(w, "remotePort");
	json_i64(w, below(g, 8) ? ports[zipf(g, ARRAY_SIZE(ports))]
				: 1024 + below(g, 64000));
	snprintf(text, sizeof(text), "10.244.%u.%u", below(g, 16), below(g, 250));
	json_key(w, "localIp");
	json_str(w, text);
	json_key(w, "localPort");
	json_i64(w, 32768 + below(g, 28000));
}

static void put_exec(struct gen *g)
{
	struct json_writer *w = &g->json;
	struct program target;
	char path[128], line[256];

	make_program(&target, zipf(g, PROGRAMS));
	make_path(g, path, sizeof(path));
	json_key(w, "execPath");
	json_str(w, target.path);
	snprintf(line, sizeof(line), "%s -c %s --level %u", target.name, path,
		 below(g, 9));
	json_key(w, "commandLine");
	json_str(w, line);
}

static void put_file(struct gen *g)
{
	char path[128];

	make_path(g, path, sizeof(path));
	json_key(&g->json, "filePath");
	json_str(&g->json, path);
}

static void put_event(struct gen *g)
{
	static const struct {
		unsigned share; /* of 100 */
		const char *rule, *call, *via;
		void (*object)(struct gen *g);
	} kinds[] = {
		{ 40, "READ", "sys_open", "sys_openat", put_file },
		{ 15, "WRITE", "sys_write", "sys_openat", put_file },
		{ 18, "NETWORK_OUTBOUND", "sys_connect", "sys_connect", put_network },
		{ 5, "NETWORK_INBOUND", "sys_accept", "sys_accept4", put_network },
		{ 17, "SYSCALL", "sys_execve", "sys_execve", put_exec },
		{ 5, "SYSCALL", "sys_ptrace", "sys_ptrace", NULL },
	};
	struct json_writer *w = &g->json;
	struct program p;
	unsigned roll = below(g, 100), k = 0;
	static const struct time_form form = { 6, 'T', 'Z', true, 0 };
	char text[TIME_TEXT_MAX];

	while (roll >= kinds[k].share)
		roll -= kinds[k++].share;
	g->now += (int64_t)below(g, 1800) * NS_PER_US;
	json_init(w, &g->out);
	json_object_begin(w);
	put_uuid(w, "uuid", next(g), next(g));
	json_key(w, "eventTime");
	json_string(w, slice_of(text, time_format(g->now, &form, text)));
	json_key(w, "ruleType");
	json_str(w, kinds[k].rule);
	json_key(w, "systemCall");
	json_str(w, kinds[k].call);
	json_key(w, "via");
	json_str(w, kinds[k].via);
	put_decision(g);
	put_container(g, zipf(g, CONTAINERS));
	put_process(g, &p);
	if (kinds[k].object)
		kinds[k].object(g);
	json_object_end(w);
	buf_putc(&g->out, '\n');
}

/* {"a":1,"b":2} to {"a": 1, "b": 2}, in place at the end of `out`. */
static void put_spaced(struct buf *out, struct slice line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.p[i];

		buf_putc(out, c);
		if (quoted && c == '\\')
			buf_putc(out, line.p[++i]);
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == ':'))
			buf_putc(out, ' ');
	}
}

static int generate(const struct options *o, struct err *err)
{
	struct gen g = { .seed = (uint64_t)o->seed };
	struct buf spaced;
	struct time_form form;
	int ret = 0;

	buf_init(&g.out, 4 * CHUNK);
	buf_init(&spaced, 4 * CHUNK);
	g.state = mix(g.seed);
	if (time_parse_rfc3339(slice_str(o->start), &g.now, &form) != TIME_OK) {
		ret = err_set(err, ERR_USAGE, "\"%s\" is not a time", o->start);
		err_hint(err, "write it as 2026-11-01T00:00:00Z");
		goto out;
	}
	for (int64_t i = 0; i < o->count && ret == 0; i++) {
		put_event(&g);
		if (g.out.len < CHUNK && i + 1 < o->count)
			continue;
		buf_reset(&spaced);
		if (o->spaced)
			put_spaced(&spaced, buf_slice(&g.out));
		ret = buf_error(&g.out, "the output", err);
		if (ret == 0 && o->spaced)
			ret = file_write_all(STDOUT_FILENO, spaced.p, spaced.len, err);
		else if (ret == 0)
			ret = file_write_all(STDOUT_FILENO, g.out.p, g.out.len, err);
		buf_reset(&g.out);
	}
out:
	buf_release(&spaced);
	buf_release(&g.out);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = { .count = 1000000, .seed = 1,
			     .start = "2026-11-01T00:00:00Z" };
	struct opt_result result;
	struct arena arena;
	struct err err = ERR_INIT;
	int ret;

	arena_init(&arena, 1 << 20);
	ret = opt_parse(&gen_program, &o, argc, argv, NULL, &arena, &result, &err);
	if (ret == 0 && result.help)
		opt_print_help(&gen_program, stdout);
	else if (ret == 0 && result.version)
		opt_print_version(&gen_program, stdout);
	else if (ret == 0 && result.man)
		opt_print_man(&gen_program, stdout);
	else if (ret == 0)
		ret = generate(&o, &err);
	if (ret < 0)
		term_print_err(stderr, gen_program.name, &err, slice_of(NULL, 0));
	arena_release(&arena);
	return err_exit_status(ret);
}
