TOOLS += kafkactl
kafkactl_MAIN := tests/kafka/kafkactl.c
kafkactl_FLOORS := base
kafkactl_LIBS := -lrdkafka

TOOLS += crs-dump
crs-dump_MAIN := tests/kafka/main_dump.c
crs-dump_FLOORS := ingest index schemas base
