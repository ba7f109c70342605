"""Measures this build: ingest, size and queries, against peers in the same run.

Started by run.sh, whose head says what the options are.  A wrong answer, a
lost event or a program that fails ends the run with status 1; a goal that is
missed does not, but the table says so.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import engines
import growth
import ingest
import measure
import report
import speed
from queries import facts_of, queries


def arguments():
    p = argparse.ArgumentParser(prog="run.sh")
    p.add_argument("events", nargs="?", type=int, default=1_000_000)
    p.add_argument("--growth", default="")
    p.add_argument("--peers", default="duckdb,chdb")
    p.add_argument("--python", default=sys.executable)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--no-kafka", dest="kafka", action="store_false")
    p.add_argument("--short", action="store_true")
    p.add_argument("--write", metavar="FILE")
    a = p.parse_args()
    a.peers = [x for x in a.peers.split(",") if x]
    a.counts = [int(x) for x in a.growth.split(",") if x]
    return a


class Out:
    """What the run says: progress, tables, what was skipped, what is wrong."""

    def __init__(self):
        self.described, self.tables, self.wrong = [], [], []

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def describe(self, text):
        self.described.append(text)
        print(text, flush=True)

    def skip(self, what, why):
        self.describe(f"{what}: skipped: {why}")

    def show(self, table):
        self.tables.append(table)
        print("\n" + "\n".join(table.lines()), flush=True)

    def fail(self, text):
        self.wrong.append(text)
        print(f"WRONG: {text}", flush=True)


def compare_all(bench, options, out):
    """Ingest, sizes and queries on one file."""
    path = ingest.generate(bench, options.events)
    size = os.path.getsize(path)
    out.describe(f"events: {options.events:,} of crs-gen with seed 1, {size / options.events:.0f} "
                 "bytes of JSON each")
    loads = speed.Loads(bench, options, out, path)
    loads.measure()
    if options.kafka:
        loads.measure_kafka()
    if not options.short:
        loads.measure_freshness()
    loads.show()
    ours = engines.Crs(bench.programs, loads.store)
    times = speed.Queries(bench, options, out, path, ours, loads.peers)
    checked = times.measure(queries(facts_of(path, options.events)))
    times.show()
    if loads.peers:
        speed.show_against(out, loads, times)
    for engine in [ours, *loads.peers.values()]:
        engine.close()
    return checked


def main():
    options, out = arguments(), Out()
    here = os.path.dirname(os.path.abspath(__file__))
    build = os.path.abspath(os.environ.get("B", "build"))
    checked = 0
    with tempfile.TemporaryDirectory(prefix="crs-bench.", dir=os.environ.get("TMPDIR")) as work:
        bench = ingest.Bench(f"{build}/bin", work, here, f"{os.path.dirname(here)}/kafka/kafka.sh")
        out.describe(f"machine: {report.machine(work)}")
        try:
            if options.events:
                checked = compare_all(bench, options, out)
            if options.counts:
                growth.show(bench, options, out)
        except (measure.Failed, OSError, subprocess.CalledProcessError) as why:
            out.fail(str(why))
    if options.write and not out.wrong:
        report.write(options.write, out.described, out.tables)
    if options.short:
        print(f"{max(0, checked - len(out.wrong))} passed, {len(out.wrong)} failed")
    return 1 if out.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
