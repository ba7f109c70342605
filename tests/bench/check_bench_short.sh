#!/bin/bash
# The bench on few events: each answer must be that of SQLite on the same ones.
# Times are printed, not judged; nothing is installed.
set -u

if ! command -v python3 >/dev/null; then
	echo "python3 is not installed"
	exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 "$(dirname "$0")/bench.py" 100000 \
	--short --no-kafka --peers sqlite --rounds 1 --runs 1
