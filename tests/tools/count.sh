# tests/tools/count.sh - sourced by the checks: counting what holds.
#
#   ok NAME COMMAND...          one result: does the command succeed?
#   begin NAME; fail WHY ...    one result over several steps: nothing failed
#   same WHAT EXPECTED GOT      fails the present case if they differ
#   finish                      the closing line, and the exit status
passed=0
failed=0
name=
broken=

ok() {
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
	fi
}

end_case() {
	[ -n "$name" ] || return 0
	if [ -n "$broken" ]; then
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
		echo "ok: $name"
	fi
	name=
}

begin() {
	end_case
	name=$1
	broken=
}

fail() {
	echo "FAILED: $name: $1"
	broken=1
}

same() {
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

finish() {
	end_case
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
