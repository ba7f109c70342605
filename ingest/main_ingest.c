/*
 * ingest/main_ingest.c - the program crs-ingest.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/term.h"
#include "base/time.h"
#include "index/store.h"
#include "index/verify.h"
#include "ingest/crew.h"
#include "ingest/datasets.h"
#include "ingest/metrics.h"
#include "ingest/notify.h"
#include "ingest/pipeline.h"
#include "ingest/progress.h"
#include "ingest/settings.h"
#include "ingest/specs.h"
#include "ingest/stats.h"
#include "ingest/upkeep.h"

#define CONFIG_FILE "/etc/crs/crs.conf"
#define SPACE_EVERY NS_PER_S

enum {
	ARENA_MAX = 16 << 20,
	THREADS_DEFAULT = 16, /* at most; more share too small batches */
};

static volatile sig_atomic_t stop;

#define AT(member) .offset = offsetof(struct ingest_settings, member)

static const struct opt options[] = {
	{ .type = OPT_HEADING, .help = "Store and datasets" },
	{ .type = OPT_STRING, .letter = 's', .name = "store", .arg = "DIR",
	  .env = "CRS_STORE", .key = "store",
	  .help = "the store to write (default /var/lib/crs)", AT(store) },
	{ .type = OPT_STRING, .letter = 'd', .name = "dataset", .arg = "NAME",
	  .help = "the dataset of all sources (default: by topic, else events)",
	  AT(dataset) },
	{ .type = OPT_LIST, .name = "schema", .arg = "FILE",
	  .help = "a dataset's schema file; may be given again", AT(schemas) },
	{ .type = OPT_STRING, .name = "schemas", .arg = "DIR",
	  .env = "CRS_SCHEMAS", .key = "schemas",
	  .help = "a directory of schema files", AT(schema_dir) },
	{ .type = OPT_HEADING, .help = "Reading" },
	{ .type = OPT_FLAG, .name = "once",
	  .help = "store what is there, finish due merges and retention, and exit",
	  AT(once) },
	{ .type = OPT_FLAG, .name = "no-merge",
	  .help = "leave the store's segments as they were committed", AT(upkeep.no_merge) },
	{ .type = OPT_LIST, .letter = 'X', .name = "property",
	  .arg = "NAME=VALUE", .key = "kafka.*",
	  .help = "a property of librdkafka, such as bootstrap.servers=HOST:9092; "
		  "a secret as NAME=@FILE; may be given again",
	  AT(properties) },
	{ .type = OPT_DURATION, .name = "connect-timeout", .arg = "TIME",
	  .key = "connect_timeout", .min = NS_PER_MS, .max = INT64_MAX,
	  .help = "how long the first contact with a broker may take (default 60s)",
	  AT(patience) },
	{ .type = OPT_INT, .name = "threads", .arg = "N", .key = "threads",
	  .min = 1, .max = LIMIT_INGEST_THREADS,
	  .help = "threads that decode events and build segments (default: one "
		  "for each core, at most 16)",
	  AT(threads) },
	{ .type = OPT_STRING, .name = "decoder", .arg = "NAME",
	  .help = "fast, or yajl for tests and measurements: what is stored is the "
		  "same (default fast)",
	  AT(decoder) },
	{ .type = OPT_HEADING, .help = "Keeping" },
	{ .type = OPT_SIZE, .name = "max-bytes", .arg = "SIZE", .key = "max_bytes",
	  .help = "drop the oldest segments while all take more than this "
		  "(default: only those older than their schema says)",
	  AT(upkeep.max_bytes) },
	{ .type = OPT_HEADING, .help = "Reporting" },
	{ .type = OPT_STRING, .name = "metrics", .arg = "HOST:PORT",
	  .key = "metrics",
	  .help = "serve Prometheus metrics there (default: nowhere)", AT(metrics) },
	{ .type = OPT_FLAG, .letter = 'v', .name = "verbose",
	  .help = "log every dead letter and what librdkafka says", AT(verbose) },
	{ .type = OPT_STRING, .name = "config", .arg = "FILE", .env = "CRS_CONFIG",
	  .help = "the configuration file (default " CONFIG_FILE " if there is one)",
	  AT(config) },
	{ .type = OPT_FLAG, .name = NULL },
};

static const struct opt_text examples[] = {
	{ "crs-ingest --once file:events.ndjson", "store a file" },
	{ "crs-ingest spool:/var/spool/crs", "store what probes write there, as it comes" },
	{ "crs-ingest -X bootstrap.servers=kafka:9092 kafka:crs.events",
	  "store a Kafka topic, as it comes" },
	{ NULL, NULL },
};

static const struct opt_text files[] = {
	{ "/var/lib/crs", "the store" },
	{ CONFIG_FILE, "\"key = value\" lines; kafka.NAME = VALUE sets a property of "
		       "librdkafka, unless -X is given" },
	{ NULL, NULL },
};

static const struct opt_program program = {
	.name = "crs-ingest",
	.summary = "store events from Kafka, spool directories and files",
	.synopsis = "[OPTION]... SOURCE...",
	.description =
		"Stores each message of its sources exactly once, and runs until it is "
		"told to stop (SIGTERM, SIGINT), or until all is stored with --once. "
		"A message that cannot be an event is stored in the dataset deadletters.\n\n"
		"SOURCE is kafka:TOPIC[,TOPIC]..., spool:DIR (a probe's spool directory), "
		"file:PATH (followed as it grows and is rotated) or - (standard input).",
	.options = options,
	.examples = examples,
	.files = files,
	.see_also = "qql(1), crs-probe(1)",
};

struct program_state {
	struct ingest_settings settings;
	struct ingest_specs specs;
	struct ingest_datasets datasets;
	struct index_store *store;
	struct ingest_crew *crew;
	struct ingest_upkeep *upkeep;
	struct ingest_source *sources[INGEST_SOURCES_MAX];
	size_t nsources;
	struct ingest_metrics *metrics;
	struct ingest_progress progress;
	int64_t watchdog, fed_at, space_at;
};

/* Atomic counters are read by the metrics' thread until the very end. */
static struct ingest_stats stats;

static void on_signal(int number)
{
	stop = number;
}

/* The second signal of a kind acts as ever. */
static int catch_signals(struct err *err)
{
	struct sigaction act = { .sa_handler = on_signal,
				 .sa_flags = (int)SA_RESETHAND };

	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
	return index_guard_install(program.name, err);
}

static bool is_in(const char *p, char **argv, int argc)
{
	for (int i = 0; i < argc; i++) {
		if (p >= argv[i] && p <= argv[i] + strlen(argv[i]))
			return true;
	}
	return false;
}

/* Secrets may stand in a configuration file that others cannot read. */
static int check_secrets(const struct ingest_settings *s, const char *config,
			 struct err *err)
{
	struct stat st;

	if (s->properties_on_command_line || s->properties.n == 0 || !config ||
	    stat(config, &st) < 0 || !(st.st_mode & (S_IROTH | S_IWOTH)))
		return 0;
	for (size_t i = 0; i < s->properties.n; i++) {
		const char *text = s->properties.items[i];
		char name[64];

		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
		if (!ingest_property_is_secret(name))
			continue;
		err_set(err, ERR_USAGE,
			"\"%s\" holds the secret \"kafka.%s\" and others can read it",
			config, name);
		err_hint(err, "chmod o-rwx %s", config);
		return ERR_USAGE;
	}
	return 0;
}

static int check_decoder(const struct ingest_settings *s, struct err *err)
{
	if (strcmp(s->decoder, "fast") == 0 || strcmp(s->decoder, "yajl") == 0)
		return 0;
	err_set(err, ERR_USAGE, "unknown decoder \"%s\"", s->decoder);
	err_hint(err, "it is fast or yajl");
	return ERR_USAGE;
}

static int read_arguments(struct program_state *p, int argc, char **argv,
			  struct arena *arena, bool *done, struct err *err)
{
	const char *config = access(CONFIG_FILE, F_OK) == 0 ? CONFIG_FILE : NULL;
	struct ingest_settings *s = &p->settings;
	struct opt_result result;
	int ret;

	ret = opt_parse(&program, s, argc, argv, config, arena, &result, err);
	if (ret < 0)
		return ret;
	*done = result.help || result.version || result.man;
	if (result.help)
		opt_print_help(&program, stdout);
	else if (result.version)
		opt_print_version(&program, stdout);
	else if (result.man)
		opt_print_man(&program, stdout);
	if (*done)
		return 0;
	if (s->verbose)
		log_init(program.name, LOG_DEBUG);
	s->properties_on_command_line =
		s->properties.n > 0 && is_in(s->properties.items[0], argv, argc);
	ret = check_decoder(s, err);
	if (ret == 0)
		ret = check_secrets(s, s->config ? s->config : config, err);
	return ret < 0 ? ret : ingest_specs_parse(&p->specs, argv + result.first_arg,
						  result.nargs, s, arena, err);
}

static unsigned default_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > THREADS_DEFAULT ? THREADS_DEFAULT :
							 (unsigned)cores;
}

static int open_crew(struct program_state *p, const struct dataset *deadletters,
		     struct err *err)
{
	const struct ingest_crew_options o = {
		.store = p->store,
		.deadletters = deadletters,
		.stats = &stats,
		.threads = p->settings.threads ? (unsigned)p->settings.threads :
						 default_threads(),
		.yajl = strcmp(p->settings.decoder, "yajl") == 0,
	};

	return ingest_crew_new(&p->crew, &o, err);
}

static int open_store(struct program_state *p, struct err *err)
{
	const struct dataset *deadletters;
	int ret = ingest_datasets_init(&p->datasets, &p->settings, err);

	if (ret == 0)
		ret = index_store_open(&p->store, p->settings.store, INDEX_WRITE, err);
	if (ret == 0)
		ret = ingest_datasets_add_stored(&p->datasets, p->store, err);
	if (ret == 0)
		ret = ingest_datasets_by_name(&p->datasets, SLICE_LIT("deadletters"),
					      &deadletters, err);
	if (ret == 0)
		ret = open_crew(p, deadletters, err);
	if (ret == 0)
		ret = ingest_specs_resolve(&p->specs, &p->settings, &p->datasets,
					   p->crew, err);
	return ret;
}

/* How fast commits can be is a matter of the disk: it is worth knowing. */
static int log_start(const struct program_state *p, struct err *err)
{
	int64_t sync;
	int ret = index_store_measure_sync(p->store, &sync, err);

	if (ret == 0)
		log_info("ingesting into \"%s\"\tsources=%zu fdatasync_ms=%.3f",
			 p->settings.store, p->nsources,
			 (double)sync / (double)NS_PER_MS);
	return ret;
}

static int open_sources(struct program_state *p, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < p->specs.n && ret == 0; i++) {
		ret = ingest_spec_open(&p->sources[i], &p->specs, i, &p->settings,
				       p->store, &stop, err);
		if (ret == 0)
			p->nsources++;
	}
	return ret;
}

static int open_metrics(struct program_state *p, struct err *err)
{
	const struct ingest_metrics_options o = {
		.listen = p->settings.metrics,
		.stats = &stats,
		.sources = p->sources,
		.nsources = p->nsources,
	};

	return o.listen ? ingest_metrics_open(&p->metrics, &o, err) : 0;
}

static void measure(struct program_state *p, int64_t now)
{
	struct index_space space;

	for (size_t i = 0; i < p->nsources; i++)
		stats.lag[i] = p->sources[i]->ops->lag(p->sources[i]);
	if (p->space_at && now - p->space_at < SPACE_EVERY)
		return;
	p->space_at = now;
	if (index_store_space(p->store, &space, NULL) < 0)
		return;
	stats.store_bytes = space.file_bytes;
	stats.store_free = space.free_bytes;
	stats.readers = space.readers;
	stats.reader_lag = space.oldest_reader_lag;
}

static void tick(void *ctx, int64_t now)
{
	struct program_state *p = ctx;

	measure(p, now);
	ingest_progress_tick(&p->progress, now);
	if (p->watchdog && now - p->fed_at >= p->watchdog) {
		p->fed_at = now;
		ingest_notify("WATCHDOG=1");
	}
}

static int ingest(struct program_state *p, struct err *err)
{
	struct ingest_pipeline pipeline = {
		.sources = p->sources,
		.stop = &stop,
		.tick = tick,
		.ctx = p,
	};
	int ret = open_store(p, err);

	if (ret == 0)
		ret = open_sources(p, err);
	if (ret == 0)
		ret = open_metrics(p, err);
	if (ret == 0)
		ret = log_start(p, err);
	if (ret == 0)
		ret = ingest_upkeep_start(&p->upkeep, p->store,
					  &p->settings.upkeep, err);
	if (ret < 0)
		return ret;
	pipeline.crew = p->crew;
	pipeline.nsources = p->nsources;
	p->watchdog = ingest_notify_watchdog();
	ingest_progress_init(&p->progress, &stats, p->sources, p->nsources);
	measure(p, time_monotonic());
	ingest_notify("READY=1");
	ret = ingest_pipeline_run(&pipeline, err);
	ingest_notify("STOPPING=1");
	if (ret < 0)
		return ret;
	if (p->settings.once && !stop)
		ingest_upkeep_finish(p->upkeep);
	p->space_at = 0;
	measure(p, time_monotonic());
	ingest_progress_end(&p->progress, time_monotonic());
	return 0;
}

static void close_all(struct program_state *p)
{
	ingest_upkeep_stop(p->upkeep);
	ingest_metrics_close(p->metrics);
	ingest_crew_free(p->crew); /* before the sources it borrows from */
	for (size_t i = 0; i < p->nsources; i++)
		p->sources[i]->ops->close(p->sources[i]);
	index_store_close(p->store);
	ingest_datasets_release(&p->datasets);
}

int main(int argc, char **argv)
{
	struct program_state p = {
		.settings = { .store = "/var/lib/crs",
			      .patience = 60 * NS_PER_S,
			      .decoder = "fast" },
	};
	struct err err = ERR_INIT;
	struct arena arena;
	bool done = false;
	int ret;

	log_init(program.name, LOG_INFO);
	arena_init(&arena, ARENA_MAX);
	ret = read_arguments(&p, argc, argv, &arena, &done, &err);
	if (ret == 0 && !done) {
		ret = catch_signals(&err);
		if (ret == 0)
			ret = ingest(&p, &err);
		close_all(&p);
	}
	if (ret == ERR_INTERRUPTED)
		ret = 0; /* told to stop before anything was read */
	if (ret < 0)
		term_print_err(stderr, program.name, &err, slice_of(NULL, 0));
	arena_release(&arena);
	return err_exit_status(ret);
}
