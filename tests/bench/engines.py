"""What answers queries: a store of ours, and peers; both hot, in process."""
import json
import subprocess
import sys

import measure
import results


class Refused(Exception):
    """The engine does not know this kind of query."""


class Crs:
    """crs-bench-query for times; qql itself for answers and its own time."""
    name = "CRS"

    def __init__(self, programs, store):
        self.qql = [f"{programs}/qql", "-s", store]
        self.child = subprocess.Popen([f"{programs}/crs-bench-query", store], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def command(self, q):
        if q.command == "count":
            return self.qql + ["count", q.text]
        limit = ["-n", "50"] if q.command == "newest" else []
        return self.qql + ["search", *limit, "-o", "ndjson", q.text]

    def process(self, q):
        """Milliseconds of a qql process, and its answer."""
        try:
            ms, text = measure.milliseconds(self.command(q))
        except measure.Failed as why:
            if "not available" in str(why):
                raise Refused(str(why).removeprefix("qql: ")) from why
            raise
        return ms, results.of_qql(q.answer, text)

    def query(self, q, runs):
        """Milliseconds of each run in process; None if only qql can say."""
        if q.command == "stages":
            return None
        print(f"{q.command} {runs} {q.text}", file=self.child.stdin, flush=True)
        words = self.child.stdout.readline().split()
        if not words or words[0] == "error":
            raise measure.Failed(f"crs-bench-query: {q.text}: {' '.join(words)}")
        return [int(ns) / 1e6 for ns in words[1:]]

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Peer:
    def __init__(self, name, python, here, directory):
        self.name = name
        self.child = subprocess.Popen([python or sys.executable, f"{here}/peers.py", name, directory],
                                      text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL)

    def ask(self, **request):
        try:
            print(json.dumps(request), file=self.child.stdin, flush=True)
        except BrokenPipeError:
            pass
        line = self.child.stdout.readline()
        answer = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            raise measure.Failed(f"{self.name}: {answer['error']}")
        return answer

    def load(self, path, events):
        answer = self.ask(load=path)
        if answer["rows"] != events:
            raise measure.Failed(f"{self.name}: stored {answer['rows']} of {events} events")
        return answer

    def prepare(self):
        self.ask(prepare=True)

    def query(self, q, runs):
        sql = q.clickhouse if self.name == "chdb" and q.clickhouse else q.sql
        columns = ["eventTime", "uuid"] if q.answer == "newest" else None
        answer = self.ask(query=sql, runs=runs, columns=columns)
        return answer["ms"], results.of_rows(q.answer, answer["rows"])

    def close(self):
        try:
            self.child.stdin.close()
        except BrokenPipeError:
            pass
        self.child.wait()
