TOOLS += kafkactl
kafkactl_MAIN := tests/kafka/kafkactl.c
kafkactl_FLOORS := base
kafkactl_LIBS := -lrdkafka

TOOLS += crs-positions
crs-positions_MAIN := tests/kafka/main_positions.c
crs-positions_FLOORS := ingest index schemas base
