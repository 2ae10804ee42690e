#!/usr/bin/env python3
"""Runs every test of Debian's iscsi-test-cu against lun_server, each in a process of its own.

Usage: test_cu.py LUN_SERVER [--jobs N] [--full] [--only PATTERN] [--start-with PROFILE] [--fault NAME]
                  [--preload LIBRARY] [--verbose]

A test has really passed only when the program ran it, exited with 0 and printed no [SKIPPED] (it counts skipped tests as
passed). Each test starts with the profile that test_cu_plan.json names, or A, and goes on to the others until it has passed
in one (--full: all of them). Prints the table test x profile and a summary; exits with 1 unless every test has passed
somewhere or is listed, with the reason, among those that cannot pass. A listed test that passes is an error too.

--start-with leaves out the tests that the plan starts with another profile. --preload puts liblockstep-bypass.so under the
program; then every connection of every test must have gone through shared memory.
"""
import argparse
import collections
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

PROFILES = "ABCDES"
TWO_PATHS = "E"  # like A, through both portals
SHOWN = {"passed": "pass", "skipped": "skip", "failed": "FAIL", "hung": "HUNG", None: "."}
TESTS_LINE = re.compile(r"^\s*tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", re.M)


def list_tests():
    listed = subprocess.run(["iscsi-test-cu", "-l"], capture_output=True, text=True, timeout=30).stdout
    found = set()
    for name in re.findall(r"\bALL\.(\w+\.[\w-]+)\b", listed):
        found.add(name)
    return sorted(found)


def classify(exit_code, output):
    counts = TESTS_LINE.search(output)
    if exit_code != 0 or counts is None or counts.group(2) != "1" or counts.group(4) != "0":
        return "failed"
    return "skipped" if "[SKIPPED]" in output else "passed"


BYPASS_LINE = re.compile(r"^lockstep-bypass: connection to port \d+: (.*)$", re.M)


def off_the_bypass(output):
    """What the library says of connections that did not go through shared memory; None if it saw none at all."""
    ways = BYPASS_LINE.findall(output)
    return [way for way in ways if way != "shared memory"] if ways else None


def run_one(test, urls, limit_s, preload):
    command = ["iscsi-test-cu", "-t", "ALL." + test, "-d", "-S", "-V", "-v", *urls]
    environment = dict(os.environ, LD_PRELOAD=preload, LOCKSTEP_BYPASS="verbose") if preload else None
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s, env=environment)
    except subprocess.TimeoutExpired as late:
        return "hung", (late.stdout or b"").decode(errors="replace")
    output = done.stdout.decode(errors="replace")
    if preload and off_the_bypass(output) != []:
        return "failed", output + "\nexpected every connection to go through shared memory\n"
    return classify(done.returncode, output), output


class Server:
    def __init__(self, program, fault):
        self.process = subprocess.Popen([program] + (["--fault", fault] if fault else []), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.urls = collections.defaultdict(list)
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            profile, *urls = line.split()
            self.urls[profile].append(urls)

    def paths(self, profile, worker):
        both = self.urls[profile][worker]
        return both if profile == TWO_PATHS else both[:1]

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(timeout=30)


def matching(table, test):
    return next((value for pattern, value in table.items() if fnmatch.fnmatchcase(test, pattern)), None)


class Matrix:
    def __init__(self, server, plan, full, preload):
        self.server, self.plan, self.full, self.preload = server, plan, full, preload
        self.results = collections.defaultdict(dict)  # test -> profile -> verdict
        self.outputs = {}
        self.lock = threading.Lock()

    def run(self, test, worker):
        first = matching(self.plan["start_with"], test) or "A"
        limit_s = matching(self.plan["limit_s"], test) or 30
        # Only one test needs the slow profile, and it needs only that.
        others = [] if first == "S" else [p for p in PROFILES if p not in (first, "S")]
        for profile in [first, *others]:
            verdict, output = run_one(test, self.server.paths(profile, worker), limit_s, self.preload)
            with self.lock:
                self.results[test][profile] = verdict
                self.outputs[test, profile] = output
            if verdict == "passed" and not self.full:
                return

    def work(self, queue, worker):
        while self.server.alive():
            with self.lock:
                if not queue:
                    return
                test = queue.pop(0)
            self.run(test, worker)

    def run_all(self, tests, jobs):
        # What mostly sleeps runs beside the others from the start.
        slow = [t for t in tests if matching(self.plan["limit_s"], t)]
        queue = [t for t in tests if t not in slow]
        threads = [threading.Thread(target=self.work, args=(queue, worker)) for worker in range(jobs)]
        threads += [threading.Thread(target=self.run, args=(t, 0)) for t in slow]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def passed(self, test):
        return "passed" in self.results[test].values()


def print_table(matrix, tests, verbose):
    width = max(len(test) for test in tests)
    print(" " * width + "  " + "  ".join(f"{profile:4}" for profile in PROFILES))
    for test in tests:
        row = matrix.results[test]
        print(f"{test:{width}}  " + "  ".join(f"{SHOWN[row.get(profile)]:4}" for profile in PROFILES))
    for test in tests:
        if matrix.passed(test) and not verbose:
            continue
        for profile, verdict in matrix.results[test].items():
            if verdict != "passed" or verbose:
                lines = matrix.outputs[test, profile].strip().splitlines()
                print(f"\n{test} on {profile}: {verdict}")
                print("\n".join("    " + line for line in lines[-25:]))


def judge(matrix, tests, plan):
    """What is not as expected, one line each."""
    for test in tests:
        reason = matching(plan["cannot_pass"], test)
        if matrix.passed(test) and reason:
            yield f"{test}: listed as one that cannot pass, but it passed; remove it from the list"
        elif not matrix.passed(test) and not reason:
            seen = ", ".join(f"{profile} {verdict}" for profile, verdict in matrix.results[test].items())
            yield f"{test}: expected to pass on one profile, found {seen or 'no run'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("--jobs", type=int, default=2, choices=(1, 2))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="*")
    parser.add_argument("--start-with", choices=PROFILES)
    parser.add_argument("--fault")
    parser.add_argument("--preload", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()

    plan = json.loads((pathlib.Path(__file__).parent / "test_cu_plan.json").read_text())
    every = list_tests()
    if len(every) != plan["count"]:
        print(f"iscsi-test-cu: expected {plan['count']} tests, found {len(every)}; is it another version?")
        return 1
    tests = [test for test in every if fnmatch.fnmatchcase(test, options.only)]
    if options.start_with:
        tests = [test for test in tests if (matching(plan["start_with"], test) or "A") == options.start_with]
    if not tests:
        print("--only and --start-with: no test matches both")
        return 64
    server = Server(options.server, options.fault)
    matrix = Matrix(server, plan, options.full, options.preload)
    matrix.run_all(tests, options.jobs)
    crashed = not server.alive()
    exit_code = server.process.returncode if crashed else server.stop()
    print_table(matrix, tests, options.verbose)
    wrong = list(judge(matrix, tests, plan))
    if crashed or exit_code != 0:
        wrong.append(f"lun_server: expected to serve until the end, found exit code {exit_code}")
    print()
    for line in wrong:
        print(line)
    runs = sum(len(row) for row in matrix.results.values())
    print(f"{sum(map(matrix.passed, tests))} of {len(tests)} tests really passed, in {runs} runs; "
          f"{len([t for t in tests if matching(plan['cannot_pass'], t)])} cannot pass")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
