"""What of an answer is compared, in one form for all engines.

number   the only number of the only row
newest   the times of the rows, and the uuids of those that are newer than the
         last: rows of one time may come in any order
pairs    (value, count) in order of falling count, then value
buckets  (start in seconds, count) of the buckets that are not empty
"""
import datetime
import json
import re


def seconds_of(text):
    """An RFC 3339 time in UTC, or SQL's form of it, as exact text."""
    m = re.match(r"(\d+-\d+-\d+)[T ](\d+:\d+:\d+)(?:\.(\d+))?", text)
    return f"{m[1]} {m[2]}.{(m[3] or '').ljust(6, '0')}"


def unix_of(text):
    t = datetime.datetime.fromisoformat(seconds_of(text)).replace(tzinfo=datetime.timezone.utc)
    return int(t.timestamp())


def newest_of(rows):
    rows = [(seconds_of(t), u) for t, u in rows]
    times = sorted((t for t, _ in rows), reverse=True)
    last = times[-1] if times else ""
    return times, sorted(u for t, u in rows if t > last or len(rows) < 50)


def pairs_of(rows):
    return sorted(((str(v), int(n)) for v, n in rows), key=lambda p: (-p[1], p[0]))


def of_rows(answer, rows):
    """The answer of a peer: rows of values, the wanted columns first."""
    if answer == "number":
        return int(rows[0][0])
    if answer == "newest":
        return newest_of(rows)
    if answer == "pairs":
        return pairs_of(rows)
    return sorted((int(b), int(n)) for b, n in rows)


def of_qql(answer, text):
    """The answer of qql: what it printed as ndjson, or one number."""
    rows = [json.loads(line) for line in text.splitlines()]
    if answer == "newest":
        return newest_of((r["eventTime"], r["uuid"]) for r in rows)
    if answer == "number":
        row = rows[0]
        return int(row if isinstance(row, int) else next(iter(row.values())))
    if answer == "pairs":
        return pairs_of((next(v for k, v in r.items() if k != "count"), r["count"]) for r in rows)
    return sorted((unix_of(next(v for k, v in r.items() if k != "count")), r["count"])
                  for r in rows if r["count"])
