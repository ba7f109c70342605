#!/usr/bin/env python3
"""Is every message in the store or a dead letter, with its bytes, and in one
place only?

usage: compare.py MESSAGES STORED DEADLETTERS

MESSAGES has one a line, blank lines aside; STORED is `qql -0 -o raw` of the
dataset, DEADLETTERS the same of deadletters.
"""
import base64
import collections
import hashlib
import json
import sys


def stored(path):
    return open(path, "rb").read().split(b"\0")[:-1]


def main():
    produced = [m for m in open(sys.argv[1], "rb").read().split(b"\n") if m.strip(b" \t\r")]
    found = collections.Counter(stored(sys.argv[2]))
    events = sum(found.values())
    reasons = collections.Counter()
    for row in map(json.loads, stored(sys.argv[3])):
        reasons[row["reason"]] += 1
        raw = base64.b64decode(row["rawBase64"]) if "rawBase64" in row else row.get("raw", "").encode()
        if row["rawBytes"] == len(raw):
            found[raw] += 1
        else:
            whole = [m for m in produced if hashlib.sha256(m).hexdigest() == row["rawSha256"]]
            assert whole and whole[0].startswith(raw), "a cut dead letter is of no message"
            found[whole[0]] += 1
    wanted = collections.Counter(produced)
    for name, bag in (("lost", wanted - found), ("made up", found - wanted)):
        for message, n in list(bag.items())[:5]:
            print(f"{name}, {n} times: {message[:200]!r}")
    print(f"{len(produced)} messages, {events} stored, dead letters: {dict(reasons)}")
    sys.exit(wanted != found)


main()
