# tests/kafka/lib.sh - sourced by the checks: a broker, a directory, counting.
#
# B names the build directory.  A check says `begin NAME`, then things that
# may `fail WHY`, and ends in `finish`.
set -u
export LC_ALL=C

B=$(cd "${B:-build}" && pwd)
export B
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tools/count.sh"
ctl=$B/bin/kafkactl
dump=$B/bin/crs-dump
work=$(mktemp -d)
ingest_pid=

tidy() {
	[ -n "$ingest_pid" ] && kill -KILL "$ingest_pid" 2>/dev/null
	[ -f "$work/broker/pid" ] && "$here/kafka.sh" stop "$work/broker"
	rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

# Starts the broker of this check; 77 goes on to the caller.
start_broker() {
	case ${SAN:-} in
	*thread*)
		echo "SKIP real-broker tests: librdkafka's C11 threads crash under ThreadSanitizer"
		exit 77
		;;
	esac
	"$here/kafka.sh" fetch >"$work/fetch.log" 2>&1
	status=$?
	if [ $status != 0 ]; then
		cat "$work/fetch.log"
		exit $status
	fi
	port=$("$ctl" port)
	brokers=127.0.0.1:$port
	"$here/kafka.sh" start "$work/broker" "$port" || exit 1
}

ctl() {
	"$ctl" "$brokers" "$@" || fail "kafkactl $*"
}

# crs-ingest on a store of this check, events from topics of any name.
ingest() { # STORE ARGUMENT...
	store=$1
	shift
	"$B/bin/crs-ingest" --store "$work/$store" --dataset events \
		-X "bootstrap.servers=$brokers" "$@" >>"$work/$store.log" 2>&1
}

# The same in the background; its pid is in ingest_pid.
start_ingest() { # STORE ARGUMENT...
	store=$1
	shift
	"$B/bin/crs-ingest" --store "$work/$store" --dataset events \
		-X "bootstrap.servers=$brokers" "$@" >>"$work/$store.log" 2>&1 &
	ingest_pid=$!
}

stop_ingest() { # [SIGNAL]
	kill "-${1:-TERM}" "$ingest_pid"
	wait "$ingest_pid" 2>/dev/null
	status=$?
	ingest_pid=
	return $status
}

rows() { # STORE DATASET
	"$dump" "$work/$1" "$2"
}

count() { # STORE DATASET
	rows "$1" "$2" | wc -l
}

# The numbers of the stored events (see kafkactl.c), one a line.
numbers() { # STORE
	rows "$1" events | grep -o '"sensorSeq":[0-9]*' | cut -d: -f2
}

# Are exactly the events FROM .. FROM + COUNT - 1 stored, each once?
stored_exactly() { # STORE FROM COUNT
	numbers "$1" | sort -n >"$work/got"
	seq "$2" $(($2 + $3 - 1)) >"$work/expected"
	if ! cmp -s "$work/got" "$work/expected"; then
		fail "$3 events produced, $(wc -l <"$work/got") stored, of them $(
			uniq "$work/got" | wc -l) different, first difference: $(
			diff "$work/got" "$work/expected" | sed -n '2p')"
	fi
	same "different uuids" "$3" "$(rows "$1" events |
		grep -o '"uuid":"[^"]*"' | sort -u | wc -l)"
}

# Is the next offset of each partition the end of its log?
at_the_end() { # STORE TOPIC
	"$ctl" "$brokers" ends "$2" | awk '{ print $1, $3 }' >"$work/ends"
	"$dump" "$work/$1" positions | sed -n \
		"s/^kafka $2 \([0-9]*\) incarnation=[0-9]* next=\([0-9]*\) .*/\1 \2/p" >"$work/next"
	cmp -s "$work/ends" "$work/next" ||
		fail "the stored offsets are not the ends of the log: $(
			paste -d'|' "$work/ends" "$work/next" | tr '\n' ';')"
}

# Waits up to SECONDS until COMMAND succeeds.
wait_until() { # SECONDS COMMAND...
	tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# For wait_until: has the store this many events?
has_events() { # STORE COUNT
	[ "$(count "$1" events 2>/dev/null)" -ge "$2" ]
}
