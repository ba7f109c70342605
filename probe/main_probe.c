/*
 * probe/main_probe.c - the program crs-probe.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/opt.h"
#include "base/term.h"
#include "base/time.h"
#include "probe/foreground.h"
#include "probe/selftest.h"

enum {
	STATUS_USAGE = 2,
	STATUS_COULD_NOT = 3,
	DEFAULT_HEARTBEAT_S = 60,
	DEFAULT_DRAIN_S = 5,
	DEFAULT_RING = 4 << 20,
	DEFAULT_SPOOL_CAP = 16 << 20,
};

struct values {
	const char *spool;
	uint64_t spool_max;
	const char *kafka, *topic;
	struct opt_list properties;
	const char *image, *container, *container_sha;
	int64_t heartbeat, drain;
	uint64_t ring;
	int64_t max_rate;
	const char *foreign, *if_unsupported;
	const char *config;
	bool check;
};

#define CONFIG_FILE "/etc/crs/crs.conf"
#define AT(member) offsetof(struct values, member)

static const struct opt options[] = {
	{ OPT_HEADING, .help = "Where the events go" },
	{ OPT_STRING, 0, "spool", "DIR", "CRS_SPOOL", "spool",
	  "write events into files of DIR, which is made if it is missing",
	  AT(spool), 0, 0 },
	{ OPT_SIZE, 0, "spool-max", "SIZE", NULL, "spool_max",
	  "let the files of DIR take SIZE at most (default 16MiB); the oldest are deleted",
	  AT(spool_max), 128 << 10, INT64_MAX },
	{ OPT_STRING, 0, "kafka", "BROKERS", "CRS_KAFKA", "kafka",
	  "send events to Kafka at HOST:PORT[,HOST:PORT]; what the brokers do not "
	  "take goes to --spool, if that is given too",
	  AT(kafka), 0, 0 },
	{ OPT_STRING, 0, "topic", "TOPIC", NULL, "topic",
	  "send them to TOPIC (default crs.events)", AT(topic), 0, 0 },
	{ OPT_LIST, 'X', "property", "NAME=VALUE", NULL, NULL,
	  "hand a property to librdkafka; NAME=@FILE reads the value from FILE",
	  AT(properties), 0, 0 },
	{ OPT_HEADING, .help = "What the events say" },
	{ OPT_STRING, 0, "image", "NAME[:TAG][@DIGEST]", "CRS_IMAGE", NULL,
	  "the image that runs here", AT(image), 0, 0 },
	{ OPT_STRING, 0, "container", "NAME", "CRS_CONTAINER", NULL,
	  "the container's name", AT(container), 0, 0 },
	{ OPT_STRING, 0, "container-sha", "HEX", "CRS_CONTAINER_SHA", NULL,
	  "the container's id, where it cannot be found out", AT(container_sha),
	  0, 0 },
	{ OPT_DURATION, 0, "heartbeat", "TIME", NULL, "heartbeat",
	  "say every TIME that the probe lives (default 1m)", AT(heartbeat),
	  100 * NS_PER_MS, INT64_MAX },
	{ OPT_HEADING, .help = "Watching" },
	{ OPT_STRING, 0, "if-unsupported", "run|fail", NULL, "if_unsupported",
	  "where nothing can be watched, run the command unwatched, or fail (default)",
	  AT(if_unsupported), 0, 0 },
	{ OPT_STRING, 0, "foreign", "refuse|run", NULL, "foreign",
	  "refuse calls of other architectures (default), or run such programs unseen",
	  AT(foreign), 0, 0 },
	{ OPT_SIZE, 0, "ring", "SIZE", NULL, "ring",
	  "hold SIZE of events in memory at most (default 4MiB)", AT(ring),
	  4096, 1 << 30 },
	{ OPT_INT, 0, "max-rate", "N", NULL, "max_rate",
	  "emit N events a second at most (default 0: all)", AT(max_rate), 0,
	  INT64_MAX },
	{ OPT_DURATION, 0, "drain", "TIME", NULL, "drain",
	  "at the end wait TIME at most for the events to go out (default 5s)",
	  AT(drain), 1, INT64_MAX },
	{ OPT_FLAG, 0, "check", NULL, NULL, NULL,
	  "say what can be watched on this machine, and exit", AT(check), 0,
	  0 },
	{ OPT_STRING, 0, "config", "FILE", "CRS_CONFIG", NULL,
	  "the configuration file (default " CONFIG_FILE " if there is one)",
	  AT(config), 0, 0 },
	{ OPT_FLAG, .name = NULL },
};

static const struct opt_text examples[] = {
	{ "crs-probe --spool /var/spool/crs -- nginx",
	  "Watch a server; its events are files in a directory." },
	{ "crs-probe --kafka broker:9092 --spool /tmp/s -- sh -c 'make test'",
	  "Send the events of a build to Kafka, and keep what it does not take." },
	{ "crs-probe --check", "See whether this machine can be watched." },
	{ NULL, NULL },
};

static const struct opt_text files[] = {
	{ CONFIG_FILE,
	  "\"key = value\" lines, shared with the other programs of CRS" },
	{ NULL, NULL },
};

static const struct opt_program program = {
	.name = "crs-probe",
	.summary =
		"run a program and record what it executes, opens and connects to",
	.synopsis = "[OPTION]... -- COMMAND [ARG]...",
	.description =
		"Runs COMMAND and emits one event for each program it and its children "
		"execute, each file they open or rename, and each network peer they "
		"reach or accept. No privilege is needed: the kernel tells of the calls "
		"by seccomp user notification; without CAP_SYS_ADMIN, set-uid programs "
		"then gain no privilege either.\n\n"
		"The command keeps terminal, signals and exit status. A program that "
		"it leaves in the background is watched until it ends, also when "
		"crs-probe itself is gone.\n\n"
		"The exit status is that of COMMAND; 126 or 127 if it cannot be run, "
		"2 for wrong usage, 3 if nothing can be watched.",
	.options = options,
	.examples = examples,
	.files = files,
	.see_also = "crs-ingest(1), qql(1), seccomp_unotify(2)",
	.flags = OPT_STOP_AT_ARGUMENT,
};

static void print_err(const struct err *err)
{
	term_print_err(stderr, program.name, err, slice_of(NULL, 0));
}

static void print_line(const char *text)
{
	log_warn("%s", text);
}

static int choice(const char *option, const char *value, const char *yes,
		  const char *no, bool *out, struct err *err)
{
	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
		return err_set(err, ERR_USAGE,
			       "--%s takes %s or %s, not \"%s\"", option, yes,
			       no, value);
	*out = strcmp(value, yes) == 0;
	return 0;
}

static int run_check(void)
{
	struct probe_selftest rows[PROBE_TEST_ROWS];
	bool good = probe_selftest_run(rows);

	for (int i = 0; i < PROBE_TEST_ROWS; i++)
		printf("%-22s %-4s %s\n", rows[i].name,
		       rows[i].good ? "yes" : "no", rows[i].detail);
	printf("%s\n", good ? "programs can be watched here" :
			      "programs cannot be watched here");
	return good ? 0 : STATUS_COULD_NOT;
}

static int cannot_run(const char *name, int status, int errnum)
{
	struct err err = ERR_INIT;

	err_errno(&err, ERR_IO, errnum, "cannot run \"%s\"", name);
	print_err(&err);
	return status;
}

/* As the command ended: with its status, or by its signal. */
static int end_as(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	probe_foreground_die(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

static int run_watched(struct probe_keeper_options *o, bool unwatched_too)
{
	struct probe_foreground_result result;
	struct err err = ERR_INIT;
	int ret = probe_foreground_run(o, &result, print_line, &err);

	if (ret == ERR_UNSUPPORTED && unwatched_too) {
		log_warn("%s: the command runs unwatched", err.message);
		ret = probe_run_command(&o->start);
		return cannot_run(o->start.argv[0], ret, errno);
	}
	if (ret < 0) {
		print_err(&err);
		return STATUS_COULD_NOT;
	}
	if (result.exec_errno)
		return cannot_run(o->start.argv[0], WEXITSTATUS(result.status),
				  result.exec_errno);
	return end_as(result.status);
}

/* Whatever is wrong with the sink is said before anything is started. */
static int try_sink(const struct probe_keeper_options *o, struct err *err)
{
	struct probe_losses losses = { 0 };
	struct probe_reporter reporter = { .line = NULL };
	struct probe_sink *sink;
	int ret;

	if (!o->spool_dir && !o->kafka_brokers) {
		err_set(err, ERR_USAGE, "there is no place for the events");
		err_hint(err, "give --spool DIR or --kafka BROKERS");
		return ERR_USAGE;
	}
	ret = probe_keeper_open_sink(o, &losses, &reporter, &sink, err);
	if (ret == 0)
		sink->ops->close(sink);
	return ret;
}

static int run(const struct values *v, char **command)
{
	struct probe_labels labels = { v->image, v->container,
				       v->container_sha };
	struct probe_host host;
	struct probe_keeper_options o = {
		.supervise = { .host = &host,
			       .labels = &labels,
			       .heartbeat = v->heartbeat,
			       .rate = (uint64_t)v->max_rate },
		.ring_size = v->ring,
		.drain = v->drain,
		.spool_dir = v->spool,
		.spool_cap = v->spool_max,
		.kafka_brokers = v->kafka,
		.kafka_topic = v->topic,
		.kafka_properties = v->properties,
	};
	struct err err = ERR_INIT;
	char path[PATH_MAX];
	bool unwatched_too;
	int ret;

	ret = choice("foreign", v->foreign, "run", "refuse",
		     &o.supervise.run_foreign, &err);
	if (ret == 0)
		ret = choice("if-unsupported", v->if_unsupported, "run", "fail",
			     &unwatched_too, &err);
	if (ret == 0)
		ret = probe_host_init(&host, &labels, &err);
	if (ret == 0)
		ret = try_sink(&o, &err);
	if (ret < 0) {
		print_err(&err);
		return err_exit_status(ret);
	}
	ret = probe_find_command(command[0], path, sizeof(path));
	if (ret != 0)
		return cannot_run(command[0], ret, errno);
	o.start.argv = command;
	o.start.path = path;
	return run_watched(&o, unwatched_too);
}

/* Our own descriptors must not take the places of the standard ones; the
 * command finds those closed that were closed. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

int main(int argc, char **argv)
{
	struct values v = {
		.spool_max = DEFAULT_SPOOL_CAP,
		.topic = "crs.events",
		.heartbeat = DEFAULT_HEARTBEAT_S * NS_PER_S,
		.drain = DEFAULT_DRAIN_S * NS_PER_S,
		.ring = DEFAULT_RING,
		.foreign = "refuse",
		.if_unsupported = "fail",
	};
	struct opt_result result;
	struct err err = ERR_INIT;
	const char *config = access(CONFIG_FILE, F_OK) == 0 ? CONFIG_FILE :
							      NULL;
	struct arena arena;
	int status;

	fill_standard_fds();
	log_init(program.name, LOG_WARN);
	arena_init(&arena, 1 << 20);
	if (opt_parse(&program, &v, argc, argv, config, &arena, &result, &err) <
	    0) {
		print_err(&err);
		status = STATUS_USAGE;
	} else if (result.help) {
		opt_print_help(&program, stdout);
		status = 0;
	} else if (result.version) {
		opt_print_version(&program, stdout);
		status = 0;
	} else if (result.man) {
		opt_print_man(&program, stdout);
		status = 0;
	} else if (v.check) {
		status = run_check();
	} else if (result.nargs == 0) {
		err_set(&err, ERR_USAGE, "there is no command to run");
		err_hint(&err, "crs-probe --spool DIR -- COMMAND");
		print_err(&err);
		status = STATUS_USAGE;
	} else {
		status = run(&v, argv + result.first_arg);
	}
	arena_release(&arena);
	return status;
}
