"""The kinds of query that are measured, in the words of each engine.

`command` says how qql is asked (see engines.py), `answer` what of the result is
compared (see results.py).  SQL is that of DuckDB and SQLite; ClickHouse's is
given where it differs.  `rg` is a regular expression that finds the same lines
of the file.  `must` and `aim` are milliseconds on 10 M events.
"""
import re
from dataclasses import dataclass

TEXTS = ("filePath", "execPath", "commandLine", "processPath")
SPANS = [1, 2, 3, 5, 6, 10, 12, 15, 20, 30]
SPANS += [60 * s for s in SPANS] + [3600 * h for h in (1, 2, 3, 4, 6, 12)]


@dataclass(frozen=True)
class Query:
    name: str
    command: str
    text: str
    answer: str
    sql: str
    clickhouse: str = ""
    rg: str = ""
    must: float = 0
    aim: float = 0


@dataclass(frozen=True)
class Facts:
    """What the queries need to know of the generated file."""
    events: int
    container: str  # one with about 0.15 % of the events
    uuid: str  # of an event in the middle
    path: str  # one that occurs once

    @property
    def span(self):
        """Seconds of a bucket, so that there are about 60."""
        seconds = self.events * 0.0009  # crs-gen: 0 to 1.8 ms apart
        return next((s for s in SPANS if seconds / s <= 75), SPANS[-1])


def first_match(lines, pattern):
    for line in lines:
        found = re.search(pattern, line)
        if found:
            return found.group(1).decode()
    raise SystemExit(f"bench: {pattern} is in no line of the second half of the events")


def facts_of(path, events):
    """Looks at the lines from the middle of the file on."""
    with open(path, "rb") as f:
        f.seek(0, 2)
        f.seek(f.tell() // 2)
        f.readline()
        uuid = first_match(f, rb'"uuid":"([^"]*)"')
        # crs-gen ends the name of a container in its rank, 0 the most frequent.
        container = first_match(
            f, rb'"containerSha":"([^"]*)","containerName":"[^"]*-[5-9][0-9]"')
        # Paths of their own end in eight hexadecimal digits.
        once = first_match(f, rb'"filePath":"([^"]*\.[0-9a-f]{8})"')
    return Facts(events, container, uuid, once)


def span_text(seconds):
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def count(name, text, where, rg="", clickhouse="", **goals):
    """A query whose answer is one number of rows."""
    sql = "SELECT count(*) FROM events WHERE "
    return Query(name, "count", text, "number", sql + where,
                 sql + clickhouse if clickhouse else "", rg, **goals)


def newest(name, text, where, **goals):
    sql = f"SELECT * FROM events WHERE {where} ORDER BY eventTime DESC LIMIT 50"
    return Query(name, "newest", text, "newest", sql, **goals)


def top(name, field, where="", text="", **goals):
    sql = (f"SELECT {field}, count(*) AS n FROM events WHERE {field} IS NOT NULL{where}"
           f" GROUP BY {field} ORDER BY n DESC, {field} LIMIT 10")
    return Query(name, "stages", f"{text}| top 10 {field}".strip(), "pairs", sql, **goals)


def queries(f):
    words_duckdb = " OR ".join(
        f"(contains({t}, 'shadow') AND regexp_matches({t}, '(^|[^a-z0-9_])shadow'))" for t in TEXTS)
    words_clickhouse = " OR ".join(f"hasToken({t}, 'shadow')" for t in TEXTS)
    words = " or ".join(f"{t}:shadow" for t in TEXTS + ("message",))
    return [
        newest("newest 50 of a frequent term", "processName:nginx", "processName = 'nginx'",
               must=2, aim=0.2),
        newest("newest 50 of a medium term", "processName:redis-server-3",
               "processName = 'redis-server-3'", must=2, aim=0.2),
        newest("newest 50 of a term with one hit", f"filePath:`{f.path}`",
               f"filePath = '{f.path}'", must=2, aim=0.2),
        count("count of a container", f"containerSha:{f.container}",
              f"containerSha = unhex('{f.container}')", f'"containerSha":"{f.container}"',
              f"containerSha = '{f.container}'"),
        count("count of denied AND a program", "action:DENY and processName:nginx",
              "action = 'DENY' AND processName = 'nginx'",
              '"action":"DENY".*"processName":"nginx"', must=5, aim=1.5),
        top("top 10 of 10,000 containers", "containerName", must=25, aim=7),
        top("top 10 paths", "filePath"),
        top("top 10 containers where denied", "containerName", " AND action = 'DENY'",
            "action:DENY "),
        top("top 10 of 200 hosts", "hostName"),
        Query("count by action", "stages", "| stats count by action", "pairs",
              "SELECT action, count(*) FROM events GROUP BY action"),
        Query("denied over time, about 60 buckets", "stages",
              f"action:DENY | timechart {span_text(f.span)} count", "buckets",
              f"SELECT bucket(eventTime, {f.span}) AS b, count(*) FROM events"
              " WHERE action = 'DENY' GROUP BY b",
              f"SELECT toUnixTimestamp(toStartOfInterval(eventTime, INTERVAL {f.span} SECOND)) AS b,"
              " count(*) FROM events WHERE action = 'DENY' GROUP BY b", must=15, aim=3),
        count("count by prefix of a path", "filePath:/etc/*", "starts_with(filePath, '/etc/')",
              '"filePath":"/etc/', "startsWith(filePath, '/etc/')", must=5, aim=1),
        count("count by substring of a path", "filePath:*shadow*", "contains(filePath, 'shadow')",
              '"filePath":"[^"]*shadow', "position(filePath, 'shadow') > 0", must=40, aim=10),
        count("count by word in five text fields", words, words_duckdb,
              r'"(filePath|execPath|commandLine|processPath)":"([^"]*[^a-z0-9_"])?shadow',
              words_clickhouse, must=100, aim=10),
        count("count by range of a port", "remotePort:[20 .. 30]",
              "remotePort BETWEEN 20 AND 30", '"remotePort":2[0-9],|"remotePort":30,', must=3, aim=1),
        Query("sum of an integer", "stages", "| stats sum(processId)", "number",
              "SELECT sum(processId) FROM events"),
        Query("distinct containers, exact", "stages", "| stats distinct(containerSha)", "number",
              "SELECT count(DISTINCT containerSha) FROM events",
              "SELECT uniqExact(containerSha) FROM events"),
        newest("one event by its uuid", f"uuid:{f.uuid}", f"uuid = '{f.uuid}'"),
    ]
