"""One peer in process: loads a file and runs queries.

usage: peers.py duckdb|chdb|sqlite DIR

Reads one JSON request a line from standard input and answers with one line:

{"load": FILE}                  -> {"seconds", "cpu", "rows", "bytes", "version"}
{"prepare": true}               -> {}: what makes queries faster but is in
                                   neither time nor size of the load
{"query": SQL, "runs": N,
 "columns": [NAME, ...]}        -> {"ms": [...], "rows": [[...], ...]}

or {"error": TEXT}, for a peer that is not installed too.  DuckDB and ClickHouse
have two threads and types an expert would choose: enums, fixed-width hashes or
dictionaries, UUIDs, microsecond times, rows in order of time.  (DuckDB's address
type is an extension that its package lacks: text, then.)  SQLite is there to
check answers where nothing can be installed.
"""
import json
import os
import re
import shutil
import sys
import time
from datetime import datetime

THREADS = 2
ENUMS = {
    "ruleType": ("READ", "WRITE", "NETWORK_OUTBOUND", "NETWORK_INBOUND", "SYSCALL"),
    "action": ("ALLOW", "DENY", "MONITOR"),
    "protocol": ("TCP", "UDP", "OTHER"),
}
# Name, kind, may it be missing?
FIELDS = [
    ("uuid", "uuid", False), ("eventTime", "time", False), ("ruleType", "enum", False),
    ("systemCall", "word", False), ("via", "word", False), ("action", "enum", False),
    ("enforced", "bool", False), ("severity", "u8", False), ("policyName", "word", False),
    ("ruleName", "word", False), ("containerSha", "hash", False), ("containerName", "word", False),
    ("imageName", "word", False), ("hostName", "word", False), ("namespace", "word", False),
    ("processId", "u32", False), ("processName", "word", False), ("processPath", "word", False),
    ("parentProcessId", "u32", False), ("userId", "u32", False), ("protocol", "enum", True),
    ("remoteIp", "ip", True), ("remotePort", "u16", True), ("localIp", "ip", True),
    ("localPort", "u16", True), ("execPath", "word", True), ("commandLine", "text", True),
    ("filePath", "word", True),
]
# ClickHouse's word search uses these; 1.5x faster, 17 % more bytes.
INDEXED = ("filePath", "execPath", "commandLine", "processPath")


class DuckDb:
    types = {"uuid": "UUID", "time": "TIMESTAMP", "bool": "BOOLEAN", "u8": "UTINYINT",
             "u16": "USMALLINT", "u32": "UINTEGER"}

    def __init__(self, directory):
        import duckdb
        self.path = os.path.join(directory, "events.duckdb")
        if os.path.exists(self.path):
            os.remove(self.path)
        self.version = f"DuckDB {duckdb.__version__}"
        self.db = duckdb.connect(self.path, config={"threads": THREADS})
        for name, values in ENUMS.items():
            self.db.execute(f"CREATE TYPE {name}_t AS ENUM {values}")
        self.db.execute("CREATE MACRO bucket(t, s) AS epoch_us(t) // (s * 1000000) * s")

    def load(self, path):
        columns = ", ".join(f"'{n}': '{self.types.get(k, 'VARCHAR')}'" for n, k, _ in FIELDS)
        chosen = ", ".join(
            f"{n}::{n}_t AS {n}" if k == "enum" else f"unhex({n}) AS {n}" if k == "hash" else n
            for n, k, _ in FIELDS)
        self.db.execute(f"CREATE TABLE events AS SELECT {chosen}"
                        f" FROM read_ndjson('{path}', columns = {{{columns}}})")
        self.db.execute("CHECKPOINT")

    def prepare(self):
        pass

    def query(self, sql):
        cursor = self.db.execute(sql)
        return [c[0] for c in cursor.description], cursor.fetchall()

    def size(self):
        return os.path.getsize(self.path)


class ClickHouse:
    types = {"uuid": "UUID", "time": "DateTime64(6, 'UTC')", "bool": "Bool", "u8": "UInt8",
             "u16": "UInt16", "u32": "UInt32", "ip": "IPv6", "text": "String"}

    def __init__(self, directory):
        from chdb import session
        path = os.path.join(directory, "chdb")
        shutil.rmtree(path, ignore_errors=True)
        self.db = session.Session(path)
        self.version = f"ClickHouse {self.query('SELECT version()')[1][0][0]} (chdb)"
        self.db.query("CREATE DATABASE bench; USE bench")
        self.columns = ", ".join(f"{n} {self.type_of(n, k, null)}" for n, k, null in FIELDS)
        self.db.query(f"CREATE TABLE events ({self.columns})"
                      " ENGINE = MergeTree ORDER BY eventTime")

    def type_of(self, name, kind, null):
        if kind == "enum":
            base = "Enum8(" + ", ".join(f"'{v}'" for v in ENUMS[name]) + ")"
        else:
            base = self.types.get(kind, "String")
        if null:
            base = f"Nullable({base})"
        return f"LowCardinality({base})" if kind in ("word", "hash") else base

    def load(self, path):
        self.db.query(f"INSERT INTO events SELECT * FROM file('{path}', JSONEachRow,"
                      f" $${self.columns}$$) SETTINGS max_threads = {THREADS},"
                      " date_time_input_format = 'best_effort'")

    def prepare(self):
        for name in INDEXED:
            self.db.query(f"ALTER TABLE events ADD INDEX words_{name} {name}"
                          " TYPE text(tokenizer = 'splitByNonAlpha')")
            self.db.query(f"ALTER TABLE events MATERIALIZE INDEX words_{name}"
                          " SETTINGS mutations_sync = 2")

    def query(self, sql):
        answer = json.loads(str(self.db.query(f"{sql} SETTINGS max_threads = {THREADS}",
                                              "JSONCompact")))
        return [c["name"] for c in answer["meta"]], answer["data"]

    def size(self):
        self.db.query("OPTIMIZE TABLE events FINAL")
        return int(self.query("SELECT sum(bytes_on_disk) FROM system.parts"
                              " WHERE active AND table = 'events'")[1][0][0])


class Sqlite:
    def __init__(self, directory):
        import sqlite3
        self.version = f"SQLite {sqlite3.sqlite_version}"
        self.db = sqlite3.connect(":memory:")
        for name, arguments, function in (
                ("unhex", 1, bytes.fromhex),
                ("starts_with", 2, lambda text, start: text is not None and text.startswith(start)),
                ("contains", 2, lambda text, part: text is not None and part in text),
                ("regexp_matches", 2, lambda text, rx: bool(re.search(rx, text))),
                ("bucket", 2, lambda t, s: int(datetime.fromisoformat(t).timestamp()) // s * s)):
            self.db.create_function(name, arguments, function, deterministic=True)

    def load(self, path):
        names = [n for n, _, _ in FIELDS]
        self.db.execute(f"CREATE TABLE events ({', '.join(names)})")
        with open(path, "rb") as f:
            self.db.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(names))})",
                                map(self.row, f))

    @staticmethod
    def row(line):
        event = json.loads(line)
        event["containerSha"] = bytes.fromhex(event["containerSha"])
        return [event.get(n) for n, _, _ in FIELDS]

    def prepare(self):
        pass

    def query(self, sql):
        cursor = self.db.execute(sql)
        return [c[0] for c in cursor.description], cursor.fetchall()

    def size(self):
        return 0


def load(peer, path):
    start, cpu = time.perf_counter(), time.process_time()
    peer.load(path)
    answer = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    # ClickHouse has been seen to store nothing without an error.
    answer["rows"] = int(peer.query("SELECT count(*) FROM events")[1][0][0])
    answer["bytes"] = peer.size()
    answer["version"] = peer.version
    return answer


def run(peer, request):
    ms = []
    for _ in range(request["runs"]):
        start = time.perf_counter()
        names, rows = peer.query(request["query"])
        ms.append((time.perf_counter() - start) * 1e3)
    wanted = [names.index(c) for c in request.get("columns") or names]
    return {"ms": ms, "rows": [[r[i] for i in wanted] for r in rows]}


def answer_to(peer, request):
    if "load" in request:
        return load(peer, request["load"])
    if "prepare" in request:
        return peer.prepare() or {}
    return run(peer, request)


def main():
    try:
        peer = {"duckdb": DuckDb, "chdb": ClickHouse, "sqlite": Sqlite}[sys.argv[1]](sys.argv[2])
    except ImportError as missing:
        print(json.dumps({"error": str(missing)}), flush=True)
        return
    for line in sys.stdin:
        try:
            answer = answer_to(peer, json.loads(line))
        except Exception as failure:  # what engines throw has no common class
            answer = {"error": str(failure)}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
