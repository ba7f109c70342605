"""Runs programs and takes their time, processor time and memory."""
import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass


class Failed(Exception):
    """The run cannot go on; the text says why."""


@dataclass
class Run:
    seconds: float
    cpu: float
    anon: int  # bytes: the most that was in memory and not of a file
    output: str


def median(values):
    return statistics.median(values)


def anon_bytes(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            for line in f:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def run(command, cores=None, stdin=None):
    """Runs a program to its end; `cores` are those it may use."""
    if cores is not None:
        command = ["taskset", "-c", ",".join(map(str, cores))] + command
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    text = {}
    readers = [threading.Thread(target=lambda p=p, k=k: text.update({k: p.read().decode()}))
               for k, p in (("out", child.stdout), ("err", child.stderr))]
    for r in readers:
        r.start()
    peak, ended = [0], threading.Event()

    def sample():
        while not ended.is_set():
            peak[0] = max(peak[0], anon_bytes(child.pid))
            ended.wait(0.02)

    sampler = threading.Thread(target=sample)
    sampler.start()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    for t in readers + [sampler]:
        t.join()
    if child.returncode not in (0, 1):
        raise Failed(f"{' '.join(command[:6])} ... ended with {child.returncode}: {text['err']}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak[0], text["out"])


def milliseconds(command):
    """Start to end of a short program, and what it printed."""
    start = time.perf_counter()
    child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    ms = (time.perf_counter() - start) * 1e3
    if child.returncode not in (0, 1):
        raise Failed(child.stderr.decode().strip().splitlines()[0])
    return ms, child.stdout.decode()


def first_byte(command):
    """Milliseconds until a program's first byte of output."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    os.read(child.stdout.fileno(), 1)
    ms = (time.perf_counter() - start) * 1e3
    child.stdout.close()
    child.wait()
    return ms
