"""The measurements on one file, engine after engine in turns."""
import os
import shutil

import engines
import ingest
import measure
import report
from measure import median

FULL = 10_000_000  # events that the goals of queries are for
ENOUGH = 3_000_000  # ... and those of size and of ingest
MIB = 1 << 20
NAMES = {"duckdb": "DuckDB", "chdb": "ClickHouse", "sqlite": "SQLite"}


def goals_of_size(events, value, goal, at_most=True):
    return report.verdict(value if events >= ENOUGH else None, goal, at_most)


class Loads:
    """From the file, or from Kafka, to durable and searchable."""

    def __init__(self, bench, options, out, path):
        self.bench, self.options, self.out, self.path = bench, options, out, path
        self.events = options.events
        self.store = f"{bench.work}/store"
        self.runs = {"both": [], "one": [], "kafka": []}
        self.loads = {}  # peer: [answers]
        self.peers = {}  # peer: the engine that holds the last load
        self.fresh = []

    def rate(self, which):
        runs = self.runs[which]
        return self.events / median([r.seconds for r in runs]) if runs else None

    def cpu(self, which):
        return median([r.cpu for r in self.runs[which]]) / self.events * 1e6

    def memory(self, which):
        return max(r.anon for r in self.runs[which]) / MIB

    def peer_rate(self, name):
        return self.events / median([x["seconds"] for x in self.loads[name]])

    def peer_cpu(self, name):
        return median([x["cpu"] for x in self.loads[name]]) / self.events * 1e6

    def measure(self):
        for i in range(self.options.rounds):
            self.out.say(f"ingest, round {i + 1} of {self.options.rounds}")
            if not self.options.short:
                self.runs["one"].append(self.load("one", [os.cpu_count() - 1]))
            self.runs["both"].append(self.load("store"))
            for name in list(self.options.peers):
                self.load_peer(name)
        for name in self.peers:
            self.out.describe(f"peer: {self.loads[name][0]['version']}")

    def load(self, name, cores=None):
        store = self.bench.fresh(name)
        run = ingest.from_file(self.bench, store, self.path, self.events, cores)
        if name != "store":
            shutil.rmtree(store)
        return run

    def load_peer(self, name):
        """One load; a peer that is not installed is named and left out."""
        if name in self.peers:
            self.peers.pop(name).close()
        directory = self.bench.fresh(name)
        os.makedirs(directory)
        peer = engines.Peer(name, self.options.python, self.bench.here, directory)
        try:
            load = peer.load(self.path, self.events)
        except measure.Failed as why:
            peer.close()
            if "No module named" not in str(why):
                raise
            self.options.peers.remove(name)
            self.out.skip(NAMES[name], f"{why} (tests/bench/peers.txt names the package)")
            return
        self.loads.setdefault(name, []).append(load)
        self.peers[name] = peer

    def measure_kafka(self):
        try:
            with ingest.broker(self.bench) as address:
                self.out.say("Kafka: producing")
                ingest.produce(self.bench, address, self.path)
                for i in range(self.options.rounds):
                    self.out.say(f"Kafka, round {i + 1} of {self.options.rounds}")
                    store = self.bench.fresh("kafka")
                    self.runs["kafka"].append(
                        ingest.from_kafka(self.bench, store, address, self.events))
                    shutil.rmtree(store)
        except ingest.Skipped as why:
            self.out.skip("Kafka", why)

    def measure_freshness(self):
        for share in (10, 70):
            self.out.say(f"freshness at {share} % of the ingest limit")
            p50, p99 = ingest.freshness(self.bench, self.path, self.rate("both") * share / 100)
            self.fresh.append((share, p50, p99))

    def show(self):
        peers = list(self.peers)
        table = report.Table(
            "Ingest and size",
            ["", "CRS", *(NAMES[p] for p in peers), *(f"CRS / {NAMES[p]}" for p in peers),
             "must", "aim"],
            "One process from its start to its end, all on disk and searchable. ClickHouse does "
            "not wait for the disk. Memory is the most of RssAnon: without the map.")
        none = [None] * len(peers) * 2
        speeds = [self.peer_rate(p) for p in peers]
        rate, row = self.rate("both"), table.add

        def goal(which, must):
            return goals_of_size(self.events, self.rate(which), must, False)

        row("file, both cores, events/s", rate, *speeds, *(report.ratio(rate / s) for s in speeds),
            goal("both", 450e3), 1.2e6)
        if self.runs["one"]:
            row("file, one core, events/s", self.rate("one"), *none, goal("one", 200e3), None)
        if self.runs["kafka"]:
            row("Kafka, broker on the same cores, events/s", self.rate("kafka"), *none,
                goal("kafka", 300e3), 900e3)
            row("Kafka, processor time, us/event", self.cpu("kafka"), *none, None, None)
        cpu, theirs = self.cpu("both"), [self.peer_cpu(p) for p in peers]
        row("file, processor time, us/event", cpu, *theirs,
            *(report.ratio(cpu / c) for c in theirs), None, None)
        self.show_sizes(table, peers, none)
        row("memory from file, MiB", self.memory("both"), *none,
            report.verdict(self.memory("both"), 256), 128)
        if self.runs["kafka"]:
            row("memory from Kafka, MiB", self.memory("kafka"), *none,
                report.verdict(self.memory("kafka"), 512), 400)
        self.show_start(table, none)
        for share, p50, p99 in self.fresh:
            row(f"searchable at {share} % of that rate, p50, ms", p50, *none, None, None)
            row(f"searchable at {share} % of that rate, p99, ms", p99, *none,
                goals_of_size(self.events, p99, 500), 150)
        self.out.show(table)

    def live_bytes(self):
        return ingest.stat(self.bench, self.store)[1]["bytes"] / self.events

    def show_sizes(self, table, peers, none):
        live = self.live_bytes()
        on_disk = ingest.stat(self.bench, self.store)[0]["fileBytes"] / self.events
        sizes = [self.loads[p][-1]["bytes"] / self.events for p in peers]
        table.add("live bytes per event", live, *sizes,
                  *(report.ratio(live / s if s else None) for s in sizes),
                  goals_of_size(self.events, live, 55), 45)
        table.add("file, as often as live", on_disk / live, *none,
                  goals_of_size(self.events, on_disk / live, 1.25), 1.1)

    def show_start(self, table, none):
        qql = [self.bench.program("qql"), "-s", self.store, "search", "-n", "1", "-o", "ndjson"]
        runs = 1 if self.options.short else 21
        ms = median([measure.first_byte(qql) for _ in range(runs)])
        least = median([measure.first_byte(["echo"]) for _ in range(runs)])
        table.add("qql: start to first byte, ms", ms, *none, report.verdict(ms, 20), 5)
        table.add("echo: the same", least, *none, None, None)


class Queries:
    """Every kind of query, on every engine that has the events."""

    def __init__(self, bench, options, out, path, ours, peers):
        self.bench, self.options, self.out = bench, options, out
        self.path, self.ours, self.peers = path, ours, peers
        self.ripgrep = None if options.short else shutil.which("rg")
        self.kinds = []
        self.refused = {}
        self.answers = {}
        self.ms = {}  # (engine, kind): [median of a round]
        self.grep = {}

    def measure(self, kinds):
        """The number of answers that were compared with another engine's."""
        self.kinds = kinds
        for peer in self.peers.values():
            peer.prepare()
        if not (self.ripgrep or self.options.short):
            self.out.skip("ripgrep", "\"rg\" is not installed")
        checked = 0
        for i in range(self.options.rounds):
            self.out.say(f"queries, round {i + 1} of {self.options.rounds}")
            for q in kinds:
                self.ask_ours(q)
            for name, peer in self.peers.items():
                for q in kinds:
                    checked += self.ask(name, q, lambda q, peer=peer: peer.query(q, self.options.runs))
            for q in kinds:
                if self.ripgrep and q.rg:
                    checked += self.ask("ripgrep", q, self.count_lines)
        if self.ripgrep:
            self.measure_grep()
        return checked

    def ask_ours(self, q):
        if q.name in self.refused:
            return
        try:
            runs = [self.ours.process(q) for _ in range(self.options.runs)]
        except engines.Refused as why:
            self.refused[q.name] = str(why)
            self.answers[q.name] = None
            self.out.say(f"{q.name}: not measured: {why}")
            return
        self.answers[q.name] = runs[0][1]
        self.note("process", q, [ms for ms, _ in runs])
        ms = self.ours.query(q, self.options.runs)
        if ms:
            self.note("CRS", q, ms)

    def ask(self, engine, q, run):
        """1 if there was an answer of ours to compare with."""
        ms, answer = run(q)
        self.note(engine, q, ms)
        ours = self.answers[q.name]
        if ours is None:
            self.answers[q.name] = None
            return 0
        if ours != answer:
            self.out.fail(f"{q.name}: CRS says {str(ours)[:200]}, {engine} says {str(answer)[:200]}")
        return 1

    def note(self, engine, q, ms):
        self.ms.setdefault((engine, q.name), []).append(median(ms))

    def count_lines(self, q):
        ms, text = measure.milliseconds([self.ripgrep, "-c", "--no-config", "-e", q.rg, self.path])
        return [ms], int(text or 0)

    def measure_grep(self):
        for name, command in (("grep", ["grep"]), ("ripgrep", [self.ripgrep, "--no-config"])):
            times = [measure.milliseconds([*command, "-c", "-F", '"filePath":"/etc/', self.path])[0]
                     for _ in range(self.options.rounds)]
            self.grep[name] = median(times)

    def engine(self, q):
        """Our rounds: in process, or else with the start of qql."""
        return self.ms.get(("CRS", q.name)) or self.ms.get(("process", q.name))

    def times_of(self, name, q):
        """How many times ours the peer takes, paired by round; None: not known."""
        ours, theirs = self.engine(q), self.ms.get((name, q.name))
        return median([t / o for t, o in zip(theirs, ours)]) if ours and theirs else None

    def show(self):
        peers = list(self.peers)
        others = [p for p in peers + ["ripgrep"] if any(e == p for e, _ in self.ms)]
        heads = [NAMES.get(p, p) for p in others]
        table = report.Table(
            f"Queries on {self.options.events:,} events, ms",
            ["", "answer", "CRS", "whole qql", *heads, *(f"{h} / CRS" for h in heads), "must",
             "aim"], self.note_below())
        for q in self.kinds:
            table.add(q.name, self.size_of(q), self.cell("CRS", q), self.cell("process", q),
                      *(self.cell(p, q) for p in others),
                      *(report.ratio(self.times_of(p, q)) for p in others),
                      *self.goals(q))
        self.out.show(table)

    def note_below(self):
        text = ("CRS and peers: in process, hot, from query text to the last row; whole qql: the "
                "process from its start to its end.")
        if "chdb" in self.peers:
            text += " ClickHouse has text indexes for the words, made after its size was taken."
        if self.grep:
            text += " Counting lines with a fixed string in the file: " + ", ".join(
                f"{k} -F {report.text_of(v)} ms" for k, v in self.grep.items()) + "."
        return text

    def size_of(self, q):
        answer = self.answers[q.name]
        if answer is None or isinstance(answer, int):
            return answer
        return f"{len(answer[0] if q.answer == 'newest' else answer)} rows"

    def cell(self, engine, q):
        if engine == "CRS" and q.name in self.refused:
            return "not available"
        rounds = self.ms.get((engine, q.name))
        return median(rounds) if rounds else None

    def goals(self, q):
        rounds = self.engine(q)
        measured = median(rounds) if rounds and self.options.events == FULL else None
        return report.verdict(measured, q.must), q.aim or None


def show_against(out, loads, times):
    """In one line a peer: what design and users ask first."""
    goals = {"duckdb": (1.3, 0.9), "chdb": (3, 1.0)}
    table = report.Table(
        "Against peers", ["", "ingest", "must", "live size", "must", "queries, median",
                          "least", "slower"])
    for name in loads.peers:
        faster, smaller = goals.get(name, (None, None))
        rate = loads.rate("both") / loads.peer_rate(name)
        size = loads.loads[name][-1]["bytes"] / loads.events
        size = loads.live_bytes() / size if size else None
        found = [(times.times_of(name, q), q.name) for q in times.kinds]
        found = sorted(x for x in found if x[0])
        slower = [f"{n} ({report.ratio(r)})" for r, n in found if r < 1]
        table.add(NAMES[name], report.ratio(rate),
                  goals_of_size(loads.events, rate, faster, False), report.ratio(size),
                  goals_of_size(loads.events, size, smaller),
                  report.ratio(median([r for r, _ in found])), report.ratio(found[0][0]),
                  ", ".join(slower) or "none")
    out.show(table)
