"""The same store at several sizes: what grows, and how."""
import dataclasses
import shutil

import engines
import ingest
import measure
import report
from measure import median
from queries import facts_of, queries

SAMPLE = 100_000  # the first events are the same in every size


def show(bench, options, out):
    facts = facts_of(ingest.generate(bench, SAMPLE), SAMPLE)
    table = report.Table(
        "Growth", ["", *(f"{n:,}" for n in options.counts), "last / first"],
        "Events are piped in from the generator. Queries are in process and hot, in ms; a query "
        "that only qql answers is measured as a whole process.")
    rows = {}
    for n in options.counts:
        out.say(f"{n:,} events")
        for name, value in measure_one(bench, options, dataclasses.replace(facts, events=n)):
            rows.setdefault(name, []).append(value)
    for name, values in rows.items():
        last = None if None in values else values[-1] / values[0]
        table.add(name, *values, report.ratio(last))
    out.show(table)


def measure_one(bench, options, facts):
    """(what, value) of a store with so many events."""
    n, store = facts.events, bench.fresh("growth")
    run = ingest.from_generator(bench, store, n)
    whole, events = ingest.stat(bench, store)
    qql = [bench.program("qql"), "-s", store, "search", "-n", "1", "-o", "ndjson"]
    yield "from the generator, events/s", n / run.seconds
    yield "memory, MiB", run.anon / (1 << 20)
    yield "live bytes per event", events["bytes"] / n
    yield "file, as often as live", whole["fileBytes"] / events["bytes"]
    yield "qql: start to first byte", median([measure.first_byte(qql) for _ in range(11)])
    ours = engines.Crs(bench.programs, store)
    for q in queries(facts):
        yield q.name, query_time(ours, q, options.runs)
    ours.close()
    shutil.rmtree(store)


def query_time(ours, q, runs):
    try:
        times = ours.query(q, runs) or [ours.process(q)[0] for _ in range(runs)]
    except engines.Refused:
        return None
    return median(times)
