#!/bin/sh
# clang-format and clang-tidy over $FILES; a tool that is not installed is named
# and left out.
set -u
status=0

if command -v clang-format >/dev/null 2>&1; then
	clang-format --dry-run -Werror $FILES || status=1
else
	echo "clang-format is not installed"
fi
if command -v clang-tidy >/dev/null 2>&1; then
	for file in $FILES; do
		case $file in
		*.c) clang-tidy --quiet "$file" -- $CPPFLAGS -std=c11 2>/dev/null || status=1 ;;
		esac
	done
else
	echo "clang-tidy is not installed"
fi
exit $status
