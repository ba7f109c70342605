#!/bin/sh
# tests/crash/check_commit_kill.sh [KILLS [SEED]] - SIGKILL during commits and merges.
#
# A writer is killed at random moments; the store then holds the acknowledged
# batches, at most one more, and nothing by halves.  B names the build
# directory.
set -eu

dir=$(mktemp -d "${TMPDIR:-/tmp}/crs-crash.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"${B:-build}/bin/crs-crash-commit" "$dir/store" "${1:-25}" ${2:+"$2"}
