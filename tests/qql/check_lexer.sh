#!/bin/bash
# The generated scanner has no REJECT machinery: flex brings it in for variable
# trailing context, and its state buffer is fixed while words are not.
set -u
lexer=$B/gen/qql/lex.c

[ -s "$lexer" ] || {
	echo "$lexer is not there: make first"
	exit 1
}
if grep -n 'yy_state_buf\|yy_full_match\|REJECT()' "$lexer"; then
	echo "$lexer uses REJECT"
	exit 1
fi
