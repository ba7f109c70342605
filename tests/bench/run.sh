#!/bin/bash
# Measures this build against its peers on the same events in one run.
#
#   B=DIR tests/bench/run.sh [EVENTS] [OPTION]...
#
# EVENTS is 1000000 for a quick look; 10000000 is what the goals are for.
# Through make: make bench BENCH='10000000 --write'.
#
#   --write       the tables as docs/bench.md, too
#   --growth N,N  then one store at these sizes; EVENTS 0 for that alone
#   --rounds N    turns of all engines, 3; --runs N  of a query in a turn, 5
#   --peers LIST  of duckdb, chdb, sqlite; --no-kafka leaves the broker out
#
# Peers are installed to $B/bench-venv.  What cannot be had is named in one
# line and left out.  Status 1: an answer differed or events were lost.
set -u

export LC_ALL=C B=${B:-build}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$B/bench-venv

# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- ${BENCH:-}
arguments=$*
case " $arguments " in
*' -h '* | *' --help '*)
	sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
	exit
	;;
esac

"$root/packaging/install-deps.sh" bench kafka >&2 || true
if ! [ -x "$venv/bin/python" ] || ! cmp -s "$here/peers.txt" "$venv/peers.txt"; then
	echo "bench: installing the peers of tests/bench/peers.txt to $venv" >&2
	if python3 -m venv "$venv" && "$venv/bin/pip" install -q \
		--disable-pip-version-check -r "$here/peers.txt" >"$venv/pip.log" 2>&1; then
		cp "$here/peers.txt" "$venv/peers.txt"
	else
		echo "bench: they could not be installed, see $venv/pip.log" >&2
	fi
fi
python=$venv/bin/python
[ -x "$python" ] || python=$(command -v python3) || {
	echo "bench: python3 is not installed" >&2
	exit 3
}

options=()
for option; do
	case $option in
	--write) options+=(--write "$root/docs/bench.md") ;;
	*) options+=("$option") ;;
	esac
done
PYTHONDONTWRITEBYTECODE=1 BENCH="$arguments" exec "$python" "$here/bench.py" \
	--python "$python" "${options[@]}"
