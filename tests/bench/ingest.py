"""From a message to a row: how fast, how large, how soon."""
import contextlib
import json
import mmap
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass

import measure

PARTITIONS = 8
FRESH_SECONDS = 8


@dataclass
class Bench:
    """Where things are."""
    programs: str  # the directory of the built ones
    work: str
    here: str  # of these scripts
    kafka: str  # tests/kafka/kafka.sh

    def program(self, name):
        return f"{self.programs}/{name}"

    def fresh(self, name):
        """A path in the work directory where nothing is."""
        path = f"{self.work}/{name}"
        shutil.rmtree(path, ignore_errors=True)
        return path


def generate(bench, events):
    path = f"{bench.work}/events.ndjson"
    with open(path, "wb") as f:
        subprocess.run([bench.program("crs-gen"), "--count", str(events)], stdout=f, check=True)
    return path


def stat(bench, store):
    text = measure.run([bench.program("qql"), "-s", store, "stat", "-o", "json"]).output
    whole = json.loads(text)
    events = next(d for d in whole["datasets"] if d["dataset"] == "events")
    return whole, events


def check_stored(bench, store, events):
    """Every event is there, and no dead letter."""
    whole, stored = stat(bench, store)
    rows = {d["dataset"]: d["rows"] for d in whole["datasets"]}
    if stored["rows"] != events or sum(rows.values()) != events:
        raise measure.Failed(f"of {events} events there are {rows}")


def from_file(bench, store, path, events, cores=None, options=()):
    """Seconds and memory of one whole crs-ingest, which ends when all is durable."""
    run = measure.run([bench.program("crs-ingest"), "--store", store, "--dataset", "events",
                       "--once", *options, f"file:{path}"], cores)
    check_stored(bench, store, events)
    return run


def from_generator(bench, store, events):
    """The same from a pipe: nothing but the store is on the disk."""
    generator = subprocess.Popen([bench.program("crs-gen"), "--count", str(events)],
                                 stdout=subprocess.PIPE)
    run = measure.run([bench.program("crs-ingest"), "--store", store, "--dataset", "events",
                       "--once", "-"], stdin=generator.stdout)
    generator.stdout.close()
    generator.wait()
    check_stored(bench, store, events)
    return run


class Skipped(Exception):
    """Something is not installed here; the text says what."""


@contextlib.contextmanager
def broker(bench):
    """A real broker on the same cores; yields its address."""
    fetched = subprocess.run([bench.kafka, "fetch"], capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise Skipped((fetched.stdout + fetched.stderr).strip().splitlines()[-1])
    directory = bench.fresh("broker")
    port = measure.run([bench.program("kafkactl"), "port"]).output.strip()
    with open(f"{bench.work}/broker.log", "w") as log:
        subprocess.run([bench.kafka, "start", directory, port], check=True, stdout=log, stderr=log)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([bench.kafka, "stop", directory], check=False)
        shutil.rmtree(directory, ignore_errors=True)


def produce(bench, address, path):
    """Loads the file into a topic; from then on it can be read again and again."""
    kafkactl = bench.program("kafkactl")
    measure.run([kafkactl, address, "create", "bench", str(PARTITIONS)])
    return measure.run([kafkactl, address, "load", "bench", str(PARTITIONS), path])


def from_kafka(bench, store, address, events):
    run = measure.run([bench.program("crs-ingest"), "--store", store, "--dataset", "events",
                       "-X", f"bootstrap.servers={address}", "--once", "kafka:bench"])
    check_stored(bench, store, events)
    return run


def lines_until(path, events):
    """Where in the file the events end that are to be written: slices of it."""
    with open(path, "rb") as f:
        text = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    ends, at = [], 0
    while len(ends) < events:
        at = text.find(b"\n", at) + 1
        if not at:
            break
        ends.append(at)
    return text, ends


def append_at(text, ends, rate, target):
    """Appends the events at a steady rate; [(moment in ns, events so far)]."""
    written, log = 0, []
    start = time.monotonic_ns()
    with open(target, "ab", buffering=0) as out:
        while written < len(ends):
            due = min(len(ends), int((time.monotonic_ns() - start) * rate / 1e9))
            if due > written:
                begin = ends[written - 1] if written else 0
                log.append((time.monotonic_ns(), due))
                out.write(text[begin:ends[due - 1]])
                written = due
            time.sleep(0.001)
    return log


def delays(written, seen):
    """Of each event, the ms from when it was written to when it was searchable."""
    found, done, i = [], 0, 0
    for moment, rows in seen:
        while done < rows and i < len(written):
            when, until = written[i]
            upto = min(rows, until)
            found.extend([(moment - when) / 1e6] * (upto - done))
            done = upto
            if done == until:
                i += 1
    return sorted(found)


def freshness(bench, path, rate):
    """p50 and p99 ms until an event appended to a followed file is searchable."""
    text, ends = lines_until(path, int(rate * FRESH_SECONDS))
    target, store = f"{bench.work}/followed.ndjson", bench.fresh("fresh")
    open(target, "wb").close()
    daemon = subprocess.Popen([bench.program("crs-ingest"), "--store", store, "--dataset",
                               "events", f"file:{target}"], stderr=subprocess.DEVNULL)
    watch, seen = None, []
    try:
        deadline = time.monotonic() + 10
        while not os.path.exists(f"{store}/data.mdb"):
            if time.monotonic() > deadline or daemon.poll() is not None:
                raise measure.Failed("crs-ingest made no store to watch")
            time.sleep(0.05)
        time.sleep(0.3)
        watch = subprocess.Popen([bench.program("crs-bench-query"), store, "watch"],
                                 stdout=subprocess.PIPE, text=True)
        reader = threading.Thread(target=lambda: seen.extend(
            tuple(map(int, line.split())) for line in watch.stdout))
        reader.start()
        written = append_at(text, ends, rate, target)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not (seen and seen[-1][1] == len(ends)):
            time.sleep(0.05)
        watch.terminate()
        reader.join()
    finally:
        for child in filter(None, (watch, daemon)):
            child.terminate()
            child.wait()
        os.unlink(target)
        shutil.rmtree(store, ignore_errors=True)
    found = delays(written, seen)
    if len(found) != len(ends):
        raise measure.Failed(f"of {len(ends)} appended events {len(found)} became searchable")
    return found[len(found) // 2], found[int(len(found) * 0.99)]
