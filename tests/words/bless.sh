#!/bin/bash
# Makes golden.txt anew: the lines of texts.pl, each with the words that the
# real tokenizer cuts it into.  Wants a JDK and Maven; Lucene comes from Maven
# Central.  The tests need none of this.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mvn -q dependency:copy "-DoutputDirectory=$work" \
	-Dartifact=org.apache.lucene:lucene-core:9.12.0
jar=$work/lucene-core-9.12.0.jar
javac -cp "$jar" -d "$work" "$here/Words.java"
perl "$here/texts.pl" | java -cp "$jar:$work" Words >"$here/golden.txt"
wc -l "$here/golden.txt"
