# tests/cli/lib.sh - what the checks of programs share; sourced by bash.
#
# Each check works in $dir, removed at the end; `ok NAME CONDITION...` counts.

set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
qql=$B/bin/qql
ingest=$B/bin/crs-ingest
passed=0 failed=0
unset CRS_STORE CRS_DATASET CRS_CONFIG

ok() {
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		sed 's/^/    stdout: /' "$dir/out" 2>/dev/null | cat -v | head -20
		sed 's/^/    stderr: /' "$dir/err" 2>/dev/null | cat -v | head -20
	fi
}

# Runs a program; leaves $dir/out, $dir/err and $status.
run() {
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
}

# The same with a terminal as stdout and stderr, all into $dir/out.
run_on_terminal() {
	printf '%q ' "$@" >"$dir/command"
	script -qefc "$(cat "$dir/command")" /dev/null >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
}

is() { [ "$1" = "$2" ] || { echo "  got \"$1\", not \"$2\""; return 1; }; }
out_is() { is "$(cat "$dir/out")" "$1"; }
out_has() { grep -qF -- "$1" "$dir/out"; }
err_has() { grep -qF -- "$1" "$dir/err"; }
err_lines() { is "$(wc -l <"$dir/err" | tr -d ' ')" "$1"; }

# No byte in $dir/out that a terminal could act on (TAB, LF and the CR that the
# terminal puts before it aside).
out_is_safe() {
	perl -0777 -ne '
		use Encode;
		exit 1 if /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
		my $text = eval { decode("UTF-8", $_, Encode::FB_CROAK) };
		exit 2 unless defined $text;
		exit 3 if $text =~ /[\x{80}-\x{9f}\x{61c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]/;
	' "$dir/out"
}

store() {
	"$ingest" --store "$1" --once "$2" >"$dir/ingest.log" 2>&1 || {
		echo "crs-ingest failed"
		cat "$dir/ingest.log"
		exit 1
	}
}

finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
