#!/usr/bin/env python3
"""Reads the spool of a probe.

events.py count DIR [FIELD=VALUE]...   how many events match
events.py show DIR FIELD...            those fields of each event
events.py sound DIR                    what must hold for every run

A VALUE compares with the JSON text of the field without quotes; FIELD= wants
the field to be absent; of a list one element suffices.
"""
import glob
import json
import re
import sys
import uuid

INTS = """sensorSeq systemCallNumber count processId threadId parentProcessId userId groupId
localPort remotePort droppedRing droppedSpool droppedRate returnCode""".split()
LISTS = "arguments quality processArgs execArgs".split()
BOOLS = ["enforced"]
TEXTS = """uuid eventType sensorUuid sensorVersion eventTime ruleType sensorEvent systemCall via
action containerSha containerName containerRuntime imageName imageTag imageDigest hostName
processName processPath invokedPath commandLine parentProcessName parentProcessPath userName
workingDirectory filePath execPath protocol localIp remoteIp message""".split()


def no_duplicates(pairs):
    d = dict(pairs)
    assert len(d) == len(pairs), pairs
    return d


def load(directory):
    found = []
    for name in glob.glob(directory + "/*.ndjson*"):
        with open(name, "rb") as f:
            data = f.read()
        assert not data or data.endswith(b"\n"), name
        lines = [json.loads(x.decode("utf-8"), object_pairs_hook=no_duplicates) for x in data.splitlines()]
        first = int(re.search(r"-(\d+)\.ndjson", name).group(1))
        assert not lines or lines[0]["sensorSeq"] == first, name
        found += lines
    found.sort(key=lambda e: (e["sensorUuid"], e["sensorSeq"]))
    return found


def text(v):
    return v if isinstance(v, str) else json.dumps(v)


def matches(event, conditions):
    for field, wanted in conditions:
        got = event.get(field)
        if wanted == "":
            if got is not None:
                return False
        elif isinstance(got, list):
            if wanted not in [text(x) for x in got]:
                return False
        elif got is None or text(got) != wanted:
            return False
    return True


def sound(directory):
    events = load(directory)
    seen = set()
    last = {}
    for e in events:
        for k, v in e.items():
            if k in INTS:
                assert type(v) is int, (k, v)
            elif k in LISTS:
                assert type(v) is list and all(type(x) is str for x in v), (k, v)
            elif k in BOOLS:
                assert type(v) is bool, (k, v)
            else:
                assert k in TEXTS and type(v) is str, (k, v)
        assert uuid.UUID(e["uuid"]).version == 4
        assert e["uuid"] not in seen
        seen.add(e["uuid"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,9})?Z", e["eventTime"])
        sensor = e["sensorUuid"]
        if sensor not in last:
            assert e["sensorSeq"] == 1 and e["sensorEvent"] == "START", e
        else:
            assert e["sensorSeq"] == last[sensor]["sensorSeq"] + 1, e
        last[sensor] = e
        if e["ruleType"] != "PROBE":
            assert {"systemCall", "via", "action", "processId", "threadId"} <= e.keys(), e
    for e in last.values():
        assert e.get("sensorEvent") == "END", e
    assert last


def main():
    what, directory, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if what == "sound":
        sound(directory)
        return
    for e in load(directory):
        if what == "show":
            print("\t".join(text(e.get(f)) for f in rest))
    if what == "count":
        conditions = [c.split("=", 1) for c in rest]
        print(sum(matches(e, conditions) for e in load(directory)))


main()
