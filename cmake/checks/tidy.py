#!/usr/bin/env python3
"""House rules that no compiler checks: who imports whom, sizes, banned calls, titles.

Usage: tidy.py ROOT [--self-test]. Prints one line per breach and exits 1 if there is any.
"""
import pathlib
import re
import subprocess
import sys

ROOMS = ("model", "statemachine", "target_impl", "properties", "conformance", "bench", "reports", "cli")

# Folder (longest match wins) -> folders and files it may include besides its own folder.
MAY_INCLUDE = {
    "model/vocab": (),
    "model/port": ("model/vocab",),
    "model/custody": ("model/vocab", "model/port"),
    "model/wire": ("model/vocab",),
    "model/wire/lines": ("model/vocab", "model/port", "model/wire"),
    "model/core": ("model/vocab", "statemachine"),
    "statemachine": ("model/vocab",),
    "target_impl": ("model/vocab", "model/port", "model/wire"),
    "conformance": ("model", "statemachine", "reports/record", "target_impl/reference.hpp",
                    "target_impl/portal_data_path.hpp", "target_impl/transport/tls/tls.hpp"),
    "properties": ("model", "statemachine", "reports/record", "target_impl/reference.hpp"),
    "bench": ("model/vocab", "model/port", "target_impl", "reports/record"),
    "reports": ("model/vocab/error.hpp",),
    "cli": ROOMS,
}
# Tests of these rooms may reach further, for a world to test in.
TESTS_MAY_INCLUDE = {
    "properties": ("conformance/providers", "conformance/clauses"),
    "conformance": ("properties/harness", "target_impl/cimxml/cimxml_server.hpp", "target_impl/transport/tls/test"),
    "model/core": (),
    "target_impl": (),
}

MOST_LINES = 500
BANNED = (
    (re.compile(r"\bstd::rand\b|\bsrand\("), "rand: seeds must reproduce; use a generator that is passed in"),
    (re.compile(r"\bsystem\("), "system(): spawn the program directly"),
    (re.compile(r"\bstd::(uniform|normal|bernoulli)\w*_distribution"), "std distributions are not portable"),
    (re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))"), "unfinished mark without an issue number"),
)
PURE = ("model/core", "statemachine", "model/vocab", "model/wire")
BANNED_IN_PURE = (
    (re.compile(r"\bsleep_for\b|\bsystem_clock\b|\bsteady_clock\b|\brandom_device\b"),
     "the model is pure: time and randomness enter by parameter"),
)
MAY_PRINT = ("cli/", "conformance/sdk/sample/")  # the sample is a vendor's own program
PRINTING = re.compile(r"\bstd::c(out|err)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def longest(table, path):
    found = [key for key in table if path == key or path.startswith(key + "/")]
    return max(found, key=len) if found else None


def may_include(source, target):
    home = longest(MAY_INCLUDE, source)
    if home is None:
        return True
    allowed = (home,) + MAY_INCLUDE[home]
    if "/test/" in source:
        test_home = longest(TESTS_MAY_INCLUDE, source)
        allowed += TESTS_MAY_INCLUDE.get(test_home, ()) if test_home else ()
    return any(target == place or target.startswith(place + "/") for place in allowed)


def check_source(name, text):
    for target in INCLUDE.findall(text):
        if target.split("/")[0] in ROOMS and not may_include(name, target):
            yield f"{name}: must not include {target} (docs/architecture.md)"
    if text.count("\n") > MOST_LINES:
        yield f"{name}: {text.count(chr(10))} lines, at most {MOST_LINES} are allowed"
    rules = list(BANNED)
    if name.startswith(PURE) and "/test/" not in name:
        rules += BANNED_IN_PURE
    for pattern, why in rules:
        if pattern.search(text):
            yield f"{name}: {why}"
    if PRINTING.search(text) and not name.startswith(MAY_PRINT):
        yield f"{name}: only cli prints"
    if name.endswith(".hpp") and "#pragma once" not in text:
        yield f"{name}: #pragma once is missing"


def check_markdown(name, text):
    outside_code = re.sub(r"```.*?```", "", text, flags=re.S)
    titles = re.findall(r"^# \S", outside_code, re.M)
    if len(titles) != 1:
        yield f"{name}: expected one '# Title', found {len(titles)}"


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], check=True,
                            capture_output=True, text=True).stdout.split("\n")
    return [name for name in listed if name and (pathlib.Path(root) / name).is_file()]


def breaches(root):
    for name in tracked(root):
        path = pathlib.Path(root) / name
        if name.endswith((".cpp", ".hpp", ".ipp")):
            yield from check_source(name, path.read_text())
        elif name.endswith(".md"):
            yield from check_markdown(name, path.read_text())


def self_test():
    """Each rule finds its planted breach."""
    planted = {
        "target_impl/store/a.cpp": '#include "model/core/judge.hpp"\n',
        "target_impl/replication/b.cpp": '#include "statemachine/machine.hpp"\n',
        "conformance/cases/c.cpp": '#include "target_impl/store/volume.hpp"\n',
        "reports/d.cpp": '#include "model/port/provider.hpp"\n',
        "model/core/e.cpp": "auto t = std::chrono::steady_clock::now();\n",
        "cli/f.cpp": "// TODO: later\n",
        "bench/g.hpp": "int x;\n",
        "properties/h.cpp": "\n" * (MOST_LINES + 1),
        "properties/i.cpp": "std::cout << 1;\n",
    }
    missed = [name for name, text in planted.items() if not list(check_source(name, text))]
    clean = list(check_source("conformance/cases/ok.cpp", '#include "target_impl/reference.hpp"\n'))
    if missed or clean or not list(check_markdown("docs/x.md", "no title\n")):
        print("self-test failed:", missed, clean)
        return 1
    return 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    found = list(breaches(sys.argv[1]))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
