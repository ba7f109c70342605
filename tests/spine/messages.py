#!/usr/bin/env python3
"""Messages for check_byte_exact.sh, one a line, seeded.

usage: messages.py hostile|ordinary COUNT SEED

hostile: events whose JSON is legal but odd, and bytes that are no JSON at all.
ordinary: what common producers write: both spacings, several time stamp forms,
floats, keys in any order, optional keys, keys that no schema knows.
"""
import json
import random
import sys
import zlib

ODD_NUMBERS = [b"1e400", b"-0", b"1.0", b"-0.0", b"1E3", b"12345678901234567890",
               b"-99999999999999999999", b"9223372036854775807", b"9223372036854775808",
               b"-9223372036854775808", b"0.1e1", b"5e-324", b"1e-400", b"3.0000000000000000001"]
ODD_STRINGS = [rb'""', rb'"\u0041"', rb'"\/etc\/hosts"', rb'"\ud800"', rb'"\ud83d\ude00"',
               rb'"\ude00\ud83d"', rb'"\u0000"', rb'"tab\tnew\nline"', rb'"\u001F"', rb'"\u001f"',
               rb'"\u007f"', '"\u202egpj.exe"'.encode(), '"İıſKÅ"'.encode(), '"日本語 テキスト"'.encode(),
               b'"\x7f"', '"\u0085"'.encode(), rb'"\\\"\b\f"', b'"' + b"x" * 70000 + b'"',
               rb'"2018-02-30T00:00:00Z"', rb'"0001-01-01T00:00:00Z"', rb'"10.0.0.1"', rb'"::FFFF:10.0.0.1"',
               rb'"DC58A1B0-0000-4000-8000-000000000001"', rb'"true"', rb'"17"', rb'"deny"']
ODD_VALUES = ODD_NUMBERS + ODD_STRINGS + [
    b"null", b"true", b"false", b"[]", b"[null]", b"[[1]]", b'["a",null,"b"]', b"{}", b'{"a":{}}',
    b'["a","a","b\\u0041"]', b'[ "a" , "b" ]', b'{"a":[{"b":[]}]}', b'[{"a":1},{"a":2}]', b"[1,2.0,\"3\"]"]
KEYS = ["uuid", "eventTime", "severity", "action", "enforced", "processName", "commandLine", "processArgs",
        "filePath", "remoteIp", "remotePort", "hostIp", "tags", "containerSha", "unknownKey", "kubernetes.pod.name",
        "count", "message", "quality", "a", "", "ключ", "_seq", "_received"]
REFUSED = [b"", b"{", b"}", b'{"a":1', b'{"a":1}}', b'{"a":1}{"b":2}', b'{"a":1} x', b"[1]", b'"text"', b"17", b"null",
           b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b'\xef\xbb\xbf{"a":1}', b'{"a":01}',
           b'{"a":+1}', b'{"a":.5}', b'{"a":1.}', b'{"a":NaN}', b"{'a':1}", b'{a:1}', b'{"a":1,}', b'{"a" 1}',
           b'{"a":"\t"}', b'{"a":"\\x"}', b'{"a":"\\u12"}', b'{"a":tru}', b"{" * 40, b'{"a":' * 100000,
           b"[" * 100000, b'{"a":"unfinished', b"\x00", b'{"a":1}\x00', b"// c", b'{"a":1}// c', b"\x1b[31mred"]


def scalar(rng):
    return rng.choice([json.dumps(rng.randint(-5, 70000)).encode(), json.dumps(rng.choice("abc")).encode(),
                       rng.choice(ODD_VALUES)])


def hostile(rng):
    if rng.random() < 0.15:
        return rng.choice(REFUSED)
    keys = [rng.choice(KEYS) for _ in range(rng.randint(0, 9))]
    style = rng.random()
    comma, colon = (b",", b":") if style < 0.5 else (b", ", b": ") if style < 0.8 else \
        (rng.choice([b",", b" ,", b",  "]), rng.choice([b":", b" :", b":\t"]))
    members = []
    for key in keys:
        name = json.dumps(key, ensure_ascii=rng.random() < 0.1).encode()
        if rng.random() < 0.03:
            name = b'"\\u0061ction"'
        value = rng.choice(ODD_VALUES) if rng.random() < 0.7 else scalar(rng)
        if rng.random() < 0.05:
            depth = rng.choice([3, 30, 31, 32, 33])
            value = b'{"x":' * depth + b"1" + b"}" * depth
        members.append(name + colon + value)
    text = b"{" + comma.join(members) + b"}"
    if rng.random() < 0.05:
        text = b" " + text + rng.choice([b"", b" ", b"\t"])
    if rng.random() < 0.03:
        cut = rng.randint(0, len(text))
        text = text[:cut]
    if rng.random() < 0.02 and text:
        at = rng.randrange(len(text))
        text = text[:at] + bytes([rng.choice([0, 9, 0x22, 0x5c, 0x80, 0xff, 0x7b])]) + text[at + 1:]
    return text


def time_stamp(rng, form):
    day, h, m, s = rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)
    ns = rng.randint(0, 999999999)
    base = f"2026-11-{day:02}"
    if form == "epoch_ms":
        return 1793491200000 + rng.randint(0, 10**9)
    if form == "epoch_s":
        return 1793491200 + rng.randint(0, 10**6)
    clock = f"{h:02}:{m:02}:{s:02}"
    return {"z": f"{base}T{clock}Z", "ms": f"{base}T{clock}.{ns // 10**6:03}Z", "ns": f"{base}T{clock}.{ns:09}Z",
            "offset": f"{base}T{clock}.{ns // 1000:06}+02:00", "space": f"{base} {clock}"}[form]


def ordinary(rng, producer):
    style = producer % 2
    form = ["z", "ms", "ns", "offset", "space", "epoch_ms", "epoch_s"][producer % 7]
    event = {"uuid": f"{rng.getrandbits(128):032x}", "eventTime": time_stamp(rng, form),
             "action": rng.choice(["ALLOW", "DENY", "MONITOR"]), "severity": rng.randint(1, 5),
             "processName": rng.choice(["nginx", "sh", "python3"]), "processId": rng.randint(1, 32768)}
    hexid = event["uuid"]
    event["uuid"] = f"{hexid[:8]}-{hexid[8:12]}-{hexid[12:16]}-{hexid[16:20]}-{hexid[20:]}"
    if producer % 3 == 0:
        event["uuid"] = event["uuid"].upper()
    for i in range(30):
        if rng.random() < 0.3:
            event[f"extra{i}"] = rng.choice([i, i * 1.5, float(i), f"value {i}", True, None])
    if rng.random() < 0.5:
        event["tags"] = rng.sample(["a", "b", "c"], rng.randint(0, 3))
    if rng.random() < 0.3:
        event["kubernetes"] = {"pod": {"name": "p-1", "labels": {"app": "x"}}, "node": "n"}
    if producer % 5 == 0:
        event["severity"] = float(event["severity"])
    # A producer writes its keys in an order of its own, but always the same.
    event = {k: event[k] for k in sorted(event, key=lambda k: zlib.crc32(f"{producer}{k}".encode()))}
    text = json.dumps(event, separators=(", ", ": ") if style else (",", ":"), ensure_ascii=False)
    return text.encode()


def main():
    kind, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    out = sys.stdout.buffer
    for i in range(count):
        text = hostile(rng) if kind == "hostile" else ordinary(rng, i % 14)
        out.write(text.replace(b"\n", b" ") + b"\n")


main()
