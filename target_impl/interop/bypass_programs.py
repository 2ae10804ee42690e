#!/usr/bin/env python3
"""Programs of others over TCP and through liblockstep-bypass.so: the same results, and the same ends.

Usage: bypass_programs.py LUN_SERVER LIBRARY [CASE...]

Every case runs over both ways with a server of its own; what a program ends with, and how, must be the same. Through the
library every connection must have gone through shared memory, or, where the server offers none, through TCP. Prints what
was seen; exits with 1 if a case ended otherwise over one way than over the other, or badly over both.
"""
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

MEBIBYTE = 1 << 20
IMAGE_MIB = 48  # the server's units have 80
LIMIT_S = 40
# What ends within this time after a loss ends; what does not is trying again.
PATIENCE_S = 4
WAY = re.compile(r"^lockstep-bypass: connection to port \d+: (.*)$", re.M)
PERFORMANCE = re.compile(r"iops average (\d+)")


class Server:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.urls = {}
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            profile, first, _ = line.split()
            self.urls.setdefault(profile, first)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=LIMIT_S)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Way:
    """Starts programs over TCP (no library) or through the library."""

    def __init__(self, library):
        self.library = library
        self.output = ""  # of all that has ended

    def start(self, *command):
        environment = dict(os.environ, LD_PRELOAD=self.library, LOCKSTEP_BYPASS="verbose") if self.library else None
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)

    def end_of(self, process, limit_s=LIMIT_S):
        """Its exit code; None when it does not end, and it is killed then."""
        try:
            said, _ = process.communicate(timeout=limit_s)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            code = None
        self.output += said.decode(errors="replace")
        return code

    def run(self, *command):
        return self.end_of(self.start(*command))

    def ways(self):
        return set(WAY.findall(self.output))


def make_image(folder, seed):
    path = pathlib.Path(folder) / f"image{seed}"
    bytes_of = random.Random(seed)
    with path.open("wb") as file:
        for _ in range(IMAGE_MIB):
            file.write(bytes_of.randbytes(MEBIBYTE))
        file.truncate(80 * MEBIBYTE)
    return str(path)


def convert(source, target, *options):
    return ["qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", *options, source, target]


def compare(one, other):
    return ["qemu-img", "compare", "-f", "raw", "-F", "raw", one, other]


def read_load(url, seconds):
    return ["iscsi-perf", "-m", "16", "-b", "8", "-t", str(seconds), "-x", "1", "-r", url]


def wait_until_busy(way_process):
    """Until it has used the processor for a while, so that it is in the middle of something."""
    stat = pathlib.Path(f"/proc/{way_process.pid}/stat")
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and way_process.poll() is None:
        ticks = sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13]))
        if ticks >= 10:
            return
        time.sleep(0.01)


def copies(way, program, folder):
    image = make_image(folder, 1)
    other = make_image(folder, 2)
    with Server(program) as server:
        first, second = server.urls["A"], server.urls["B"]
        started = time.monotonic()
        codes = [way.run(*convert(image, first, "-m", "16", "-W")), way.run(*compare(image, first)),
                 way.run(*convert(first, second, "-m", "16", "-W")), way.run(*compare(first, second)),
                 way.run(*compare(other, second))]  # 1: they differ
        print(f"    {time.monotonic() - started:.2f} s")
    return codes, codes == [0, 0, 0, 0, 1]


def performance(way, program, _):
    with Server(program) as server:
        code = way.run(*read_load(server.urls["A"], 2))
    rates = PERFORMANCE.findall(way.output)
    print(f"    {rates[-1] if rates else 'no'} commands per second")
    return code, code == 0 and bool(rates) and int(rates[-1]) > 0


def killed_program(way, program, folder):
    """The server and its other initiators go on."""
    image = make_image(folder, 3)
    with Server(program) as server:
        victim = way.start(*read_load(server.urls["A"], 30))
        wait_until_busy(victim)
        other = way.start(*convert(image, server.urls["B"]))
        victim.send_signal(signal.SIGKILL)
        codes = [way.end_of(victim), way.end_of(other), way.run(*compare(image, server.urls["B"])),
                 way.run(*read_load(server.urls["A"], 1))]
        codes.append(server.process.poll())
    return codes, codes == [-signal.SIGKILL, 0, 0, 0, None]


def killed_target(way, program, folder):
    """Readers and writers in the middle of something: whether each ends within a time, and how."""
    image = make_image(folder, 4)
    server = Server(program)
    reader = way.start(*read_load(server.urls["A"], 30))
    writer = way.start(*convert(image, server.urls["B"], "-r", "4M"))
    wait_until_busy(reader)
    server.kill()
    codes = [way.end_of(reader, PATIENCE_S), way.end_of(writer, PATIENCE_S)]
    return codes, codes[0] not in (0, None)


def target_without_bypass(way, program, folder):
    image = make_image(folder, 5)
    with Server(program, "--fault", "no-bypass") as server:
        codes = [way.run(*convert(image, server.urls["A"])), way.run(*compare(image, server.urls["A"]))]
    return codes, codes == [0, 0]


CASES = [copies, performance, killed_program, killed_target, target_without_bypass]


def problem_of(case, program, library):
    seen = {}
    for name, way in (("tcp", Way("")), ("bypass", Way(library))):
        print(f"{case.__name__} over {name}")
        with tempfile.TemporaryDirectory() as folder:
            seen[name], good = case(way, program, folder)
        print(f"    {seen[name]}")
        if not good:
            print(way.output[-2000:])
            return f"{case.__name__} over {name}: ended badly"
        if name == "bypass":
            ways = way.ways()
            if case is target_without_bypass:
                if not ways or "shared memory" in ways:
                    return f"{case.__name__}: expected all connections on TCP, found {ways}"
            elif ways - {"shared memory"} and case is not killed_target or "shared memory" not in ways:
                return f"{case.__name__}: expected all connections in shared memory, found {ways}"
    if seen["tcp"] != seen["bypass"]:
        return f"{case.__name__}: expected the same ends, found {seen}"
    return None


def main():
    program, library, *wanted = sys.argv[1:]
    cases = [case for case in CASES if not wanted or case.__name__ in wanted]
    problems = list(filter(None, (problem_of(case, program, library) for case in cases)))
    for problem in problems:
        print(problem)
    return 1 if problems or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
