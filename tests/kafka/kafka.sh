#!/bin/sh
# A real Apache Kafka for tests and demo: one node, loopback, no security.
#
#   kafka.sh fetch            once: jars, formatted disk, class archive
#   kafka.sh start DIR PORT   its data in DIR; the controller takes PORT + 1
#   kafka.sh stop DIR         clean shutdown
#   kafka.sh crash DIR        SIGKILL; `start` goes on with the same data
#
# Synthetic events are dated in the past, and the broker deletes what is older
# than its retention within seconds: create topics with retention.ms=-1.
#
# What is fetched stands in $B/kafka.  Exit status 77: a tool is missing, the
# last line says which.  KAFKA_VERSION chooses another version.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
home=${B:-build}/kafka
version=${KAFKA_VERSION:-4.2.0}
jars=$home/lib-$version
archive=$home/classes-$version.jsa
template=$home/disk-$version

need() { # TOOL PACKAGE
	command -v "$1" >/dev/null && return
	echo "SKIP real-broker tests: '$1' not found (apt-get install $2)"
	exit 77
}

# Replaces this shell by `java CLASS ARGUMENT...`.  C1 only and a class archive
# halve the start; errors and the ready line are all that is logged.
java_class() {
	# shellcheck disable=SC2086
	exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $archive_flag \
		-Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
		-Dorg.slf4j.simpleLogger.showDateTime=true \
		-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
		-cp "$(find "$jars" -name '*.jar' | sort | tr '\n' ':')" "$@"
}

properties() { # DIR PORT
	cat <<-END
	process.roles=broker,controller
	node.id=1
	listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$(($2 + 1))
	advertised.listeners=PLAINTEXT://127.0.0.1:$2
	controller.listener.names=CONTROLLER
	controller.quorum.voters=1@127.0.0.1:$(($2 + 1))
	log.dirs=$1/data
	auto.create.topics.enable=false
	offsets.topic.num.partitions=1
	offsets.topic.replication.factor=1
	transaction.state.log.num.partitions=1
	transaction.state.log.replication.factor=1
	transaction.state.log.min.isr=1
	group.initial.rebalance.delay.ms=0
	group.min.session.timeout.ms=1000
	broker.heartbeat.interval.ms=500
	broker.session.timeout.ms=3000
	log.cleaner.dedupe.buffer.size=4194304
	log.cleaner.backoff.ms=500
	log.initial.task.delay.ms=1000
	log.retention.check.interval.ms=1000
	transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
	END
}

# Gone, or a zombie whose parent has not looked yet.
is_gone() {
	! [ -e "/proc/$1" ] || grep -q ') Z' "/proc/$1/stat" 2>/dev/null
}

start() { # DIR PORT
	mkdir -p "$1/data"
	: >"$1/broker.log"
	if ! [ -f "$1/data/meta.properties" ]; then
		cp "$template"/* "$1/data/"
		properties "$1" "$2" >"$1/server.properties"
	fi
	(java_class kafka.Kafka "$1/server.properties") </dev/null >"$1/broker.log" 2>&1 &
	echo $! >"$1/pid"
	n=0
	until grep -q 'Kafka Server started' "$1/broker.log"; do
		n=$((n + 1))
		if is_gone "$(cat "$1/pid")" || [ $n -gt 1200 ]; then
			echo "the broker did not start; the end of $1/broker.log:"
			tail -n 20 "$1/broker.log"
			exit 1
		fi
		sleep 0.05
	done
}

end() { # DIR SIGNAL
	pid=$(cat "$1/pid")
	kill "$2" "$pid" 2>/dev/null || :
	n=0
	until is_gone "$pid" || [ $n -gt 600 ]; do
		n=$((n + 1))
		sleep 0.05
	done
	rm -f "$1/pid"
}

fetch() {
	need java openjdk-17-jre-headless
	[ -s "$archive" ] && return
	need mvn maven
	mkdir -p "$home"
	echo "kafka: fetching Apache Kafka $version from Maven Central"
	mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
		-f "$here/pom.xml" -Dkafka.version="$version" \
		-DoutputDirectory="$jars" -DincludeScope=runtime
	echo "kafka: formatting a disk"
	work=$(mktemp -d)
	archive_flag=
	properties "$work" 19990 >"$work/server.properties"
	(java_class kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ \
		-c "$work/server.properties") >/dev/null
	rm -rf "$template"
	mv "$work/data" "$template"
	echo "kafka: writing a class archive"
	archive_flag=-XX:ArchiveClassesAtExit=$archive.new
	start "$work" 19990
	end "$work" -TERM
	mv "$archive.new" "$archive"
	rm -rf "$work"
}

archive_flag=-XX:SharedArchiveFile=$archive
case ${1-} in
fetch)
	fetch
	;;
start)
	fetch
	archive_flag=-XX:SharedArchiveFile=$archive
	start "$2" "$3"
	;;
stop)
	end "$2" -TERM
	;;
crash)
	end "$2" -KILL
	;;
*)
	echo "usage: kafka.sh fetch | start DIR PORT | stop DIR | crash DIR" >&2
	exit 2
	;;
esac
