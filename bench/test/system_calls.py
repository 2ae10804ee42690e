#!/usr/bin/env python3
"""Counts the system calls of target and load client per command, through shared memory and in the steady state.

Usage: system_calls.py LUN_SERVER STEADY_LOAD [--most CALLS_PER_COMMAND] [--rounds N]

Both processes are watched by `strace -c -f`, which attaches when they are connected and goes before they end. Whoever else
uses the processors makes an end sleep that would not have. So all run with real-time priority, where this user may have
that; rounds are short, and one counts only when both ends had the processors as they wanted them: the scheduler itself says
how long they had to wait. The best of those counts. Exits with 77 where this user may not trace processes, or when there was
no such round.
"""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

MILLISECONDS = 80
MOST_WAITING = 0.05  # of a round, for a processor
WORK = [(direction, depth) for direction in ("read", "write") for depth in (8, 32)]
ATTACH_LIMIT_S = 10
REAL_TIME_PRIORITY = 5


class Watched:
    """A process under strace."""

    def __init__(self, pid, folder):
        self.counts = pathlib.Path(folder) / f"counts-{pid}"
        self.strace = subprocess.Popen(["strace", "-c", "-f", "-o", self.counts, "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        self.said = self.strace.stderr.readline()
        if "attached" not in self.said:
            self.said += self.strace.stderr.read()
            self.strace.wait()
            raise PermissionError(self.said.strip())
        self.wait_for_threads(pid)

    @staticmethod
    def wait_for_threads(pid):
        """Until every thread has a tracer."""
        end = time.monotonic() + ATTACH_LIMIT_S
        while time.monotonic() < end:
            states = [(task / "status").read_text() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
            if all(re.search(r"^TracerPid:\s+[1-9]", state, re.M) for state in states):
                return
            time.sleep(0.01)
        raise TimeoutError(f"strace did not attach to all threads of {pid}")

    def end(self):
        self.strace.send_signal(signal.SIGINT)
        self.strace.wait(timeout=30)
        rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", self.counts.read_text(), re.M)
        return {name: int(calls) for calls, name in rows if name != "total"}


def say(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def start(arguments):
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def start_both(lun_server, steady_load):
    server = start([lun_server])
    url = next(line for line in server.stdout if line.startswith("A ")).split()[1]
    while server.stdout.readline().strip() != "ready":
        pass
    portal, target, lun = url.removeprefix("iscsi://").split("/")
    load = start([steady_load, portal, target, lun])
    if load.stdout.readline().strip() != "ready":
        sys.exit(f"{steady_load}: expected it to connect")
    return server, load


def waited_ms(pids):
    """For a processor, all their threads together, so far."""
    tasks = [task for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks) / 1e6


def one_round(server, load, direction, depth):
    """Whether it counts, calls per command of target and client, and what they were."""
    say(load, f"{direction} {depth} 100")  # both are warm, and used to each other
    with tempfile.TemporaryDirectory() as folder:
        watched = [Watched(process.pid, folder) for process in (server, load)]
        # An end stands still while its tracer waits.
        pids = [server.pid, load.pid, *(one.strace.pid for one in watched)]
        before = waited_ms(pids)
        commands = int(say(load, f"{direction} {depth} {MILLISECONDS}"))
        waited = waited_ms(pids) - before
        counts = [one.end() for one in watched]
    calls = [sum(count.values()) / commands for count in counts]
    undisturbed = waited <= MOST_WAITING * MILLISECONDS
    print(f"{direction} depth {depth}: {commands} commands; calls per command: target {calls[0]:.4f}, client {calls[1]:.4f}; "
          f"waited {waited:.1f} ms for a processor{'' if undisturbed else ', does not count'}", *counts)
    return undisturbed, calls


def best_of(rounds, most, server, load, direction, depth):
    """Calls per command of target and client; nothing where no round counted."""
    best = None
    for _ in range(rounds):
        undisturbed, calls = one_round(server, load, direction, depth)
        if undisturbed:
            best = [min(pair) for pair in zip(best or calls, calls)]
        if best and max(best) <= most:
            break
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lun_server")
    parser.add_argument("steady_load")
    parser.add_argument("--most", type=float, default=0.01)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME_PRIORITY))
    except PermissionError:
        print("without real-time priority: on a busy machine the figures are of both ends kept from the processors")
    server, load = start_both(options.lun_server, options.steady_load)
    wrong = 0
    disturbed = 0
    try:
        for direction, depth in WORK:
            best = best_of(options.rounds, options.most, server, load, direction, depth)
            if best is None:
                print(f"{direction} depth {depth}: expected a round in which nobody else wanted the processors, found none")
                disturbed += 1
            elif max(best) > options.most:
                print(f"{direction} depth {depth}: expected at most {options.most} calls per command on either side, found at best "
                      f"target {best[0]:.4f}, client {best[1]:.4f}")
                wrong += 1
    except PermissionError as refused:
        print(f"skipped: this user may not trace processes here ({refused})")
        return 77
    finally:
        load.stdin.close()
        server.stdin.close()
        load.wait(timeout=30)
        server.wait(timeout=30)
    if wrong:
        return 1
    return 77 if disturbed else 0


if __name__ == "__main__":
    sys.exit(main())
