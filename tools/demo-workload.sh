#!/bin/sh
# tools/demo-workload.sh DIR PORT - a short life of real programs, for the demo.
#
# A shell writes files, a copy of the hosts file is tampered with, and an HTTP
# server on loopback is asked for a page.  What was done is noted in
# DIR/facts as "name value" lines, so that a test can hold the events to it.
set -eu

dir=$1
port=$2
facts=$dir/facts
mkdir -p "$dir/etc" "$dir/www"
: >"$facts"
note() { echo "$1 $2" >>"$facts"; }

note shell $$

# Ordinary file work.
echo "quarterly figures" >"$dir/www/report.txt"
cp "$dir/www/report.txt" "$dir/www/report.bak"
mv "$dir/www/report.bak" "$dir/www/archive.txt"

# What an intruder would do to a hosts file, on a copy.
cp /etc/hosts "$dir/etc/hosts"
sh -c 'echo "$$" >"$1/tamper.pid"; echo "203.0.113.7 updates.example.com" >>"$1/etc/hosts"' \
	tamper "$dir"
note tamper "$(cat "$dir/tamper.pid")"

# A server, and a client that fetches a page from it.
python3 -m http.server --bind 127.0.0.1 --directory "$dir/www" "$port" \
	>"$dir/server.log" 2>&1 &
server=$!
note server "$server"
note port "$port"
tries=0
until curl -s -o "$dir/fetched" "http://127.0.0.1:$port/report.txt"; do
	tries=$((tries + 1))
	[ "$tries" -lt 50 ] || { echo "the HTTP server did not start" >&2; exit 1; }
	sleep 0.1
done
curl -s -o "$dir/fetched" "http://127.0.0.1:$port/report.txt" &
client=$!
wait "$client"
note client "$client"
kill "$server"
wait "$server" || :
