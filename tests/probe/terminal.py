#!/usr/bin/env python3
"""terminal.py PROBE...: on a terminal of its own, Ctrl-C kills the command and
Ctrl-Z stops it, once each, as if the probe were not there."""
import os
import pty
import signal
import sys
import time



def start(command):
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:] + ["--"] + command)
    return pid, fd


def read_until(fd, word):
    data = b""
    end = time.time() + 10
    while word not in data:
        assert time.time() < end, data
        data += os.read(fd, 1000)
    return data


TWICE = """n=0; trap 'echo interrupted; n=$((n+1)); [ $n = 2 ] && exit 4' INT; echo ready; while :; do sleep 0.1; done"""
pid, fd = start(["sh", "-c", TWICE])
read_until(fd, b"ready")
os.write(fd, b"\x03")
read_until(fd, b"interrupted")
time.sleep(0.3)
assert os.waitpid(pid, os.WNOHANG) == (0, 0), "one Ctrl-C came twice"
os.write(fd, b"\x03")
_, status = os.waitpid(pid, 0)
assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 4, status

pid, fd = start(["sh", "-c", 'echo ready; read x; echo "got $x"; exit 3'])
read_until(fd, b"ready")
os.write(fd, b"word\n")
read_until(fd, b"got word")
_, status = os.waitpid(pid, 0)
assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3, status

pid, fd = start(["sleep", "60"])
time.sleep(0.5)
os.write(fd, b"\x03")
_, status = os.waitpid(pid, 0)
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, status
