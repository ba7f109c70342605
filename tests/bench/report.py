"""The tables: on the terminal, and as docs/bench.md."""
import os
import platform
import subprocess
import time


class Table:
    def __init__(self, title, heads, note=""):
        self.title = title
        self.heads = heads
        self.note = note
        self.rows = []

    def add(self, *cells):
        self.rows.append([text_of(c) for c in cells])

    def lines(self):
        """Aligned by blanks; all columns but the first to the right."""
        widths = [max(len(r[i]) for r in [self.heads] + self.rows) for i in range(len(self.heads))]
        yield self.title
        for row in [self.heads] + self.rows:
            cells = [c.ljust(w) if i == 0 else c.rjust(w)
                     for i, (c, w) in enumerate(zip(row, widths))]
            yield "  " + "  ".join(cells).rstrip()
        if self.note:
            yield "  " + self.note
        yield ""

    def markdown(self):
        yield f"## {self.title}"
        yield ""
        yield "| " + " | ".join(self.heads) + " |"
        yield "|---" + "|---:" * (len(self.heads) - 1) + "|"
        for row in self.rows:
            yield "| " + " | ".join(row) + " |"
        yield ""
        if self.note:
            yield self.note
            yield ""


def text_of(value):
    """Three digits that count, or the text as it is."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def ratio(value):
    """How many times as much: 3.1x."""
    return "-" if value is None else f"{text_of(float(value))}x"


def verdict(value, goal, at_most=True):
    """The goal, and whether it was reached."""
    if value is None or not goal:
        return text_of(goal or None)
    reached = value <= goal if at_most else value >= goal
    return f"{text_of(goal)} {'met' if reached else 'MISSED'}"


def sync_time(directory, rounds=50):
    """Median milliseconds of a small write and fdatasync in the directory."""
    path, times = f"{directory}/sync", []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    for _ in range(rounds):
        start = time.perf_counter()
        os.pwrite(fd, b"x" * 4096, 0)
        os.fdatasync(fd)
        times.append((time.perf_counter() - start) * 1e3)
    os.close(fd)
    os.unlink(path)
    return sorted(times)[rounds // 2]


def value_of(path, key):
    with open(path) as f:
        for line in f:
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    return "unknown"


def machine(directory):
    memory = int(value_of("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)
    compiler = subprocess.run(["cc", "-dumpfullversion"], capture_output=True, text=True,
                              check=False).stdout.strip()
    return (f"{os.cpu_count()} cores ({value_of('/proc/cpuinfo', 'model name')}), "
            f"{memory:.0f} GiB of memory, Linux {platform.release().split('-')[0]}, "
            f"cc {compiler}, fdatasync of 4 KiB {text_of(sync_time(directory))} ms, "
            f"load before the run {os.getloadavg()[0]:.1f}")


HEAD = """# Speed and size, measured

Written by `make bench BENCH='{arguments}'`; do not edit. Each figure is the median of several runs. Whatever
is compared was measured in the same run on the same file and the same cores, one after the other in turns; trust
ratios before figures. The answers of all engines were compared, and agree.
"""


def write(path, described, tables):
    with open(path, "w") as f:
        f.write(HEAD.format(arguments=os.environ.get("BENCH", "--write")) + "\n")
        for line in described:
            f.write(f"- {line}\n")
        f.write("\n")
        for table in tables:
            f.write("\n".join(table.markdown()) + "\n")
