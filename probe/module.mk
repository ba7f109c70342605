probe_SRC := accept.c calls.c control.c decode.c decode_exec.c decode_file.c \
	decode_net.c event.c facts.c filter.c foreground.c handover.c host.c keeper.c path.c \
	process.c procfs.c ring.c selftest.c shipper.c sink_kafka.c sink_spool.c \
	sockaddr.c socket.c supervise.c target.c text.c watchdog.c
probe_LIBS := -lrdkafka

CFLAGS_probe/event.c := -DCRS_VERSION='"$(VERSION)"'

PROGRAMS += crs-probe
crs-probe_MAIN := probe/main_probe.c
crs-probe_FLOORS := probe base
crs-probe_LIBS := -lrdkafka $(base_LIBS)
