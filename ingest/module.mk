ingest_SRC := batch.c build.c crew.c datasets.c deadletter.c digest.c file_resume.c \
	kafka_decide.c kafka_options.c lines.c metrics.c notify.c pipeline.c \
	position.c progress.c source_file.c source_kafka.c source_kafka_client.c \
	source_kafka_watch.c source_spool.c source_stdin.c specs.c spool_list.c \
	upkeep.c
ingest_LIBS := -lrdkafka -lmicrohttpd -lcrypto

PROGRAMS += crs-ingest
crs-ingest_MAIN := ingest/main_ingest.c
crs-ingest_FLOORS := ingest $(USES_ingest)
