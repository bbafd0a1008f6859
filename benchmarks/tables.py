#!/usr/bin/env python3
"""The measured tables of the documents: each is made of files in benchmarks/results and stands between its two markers.

  benchmarks/tables.py           writes every table into its document
  benchmarks/tables.py --check   changes nothing; names the tables that differ, exit code 1 if one does
  benchmarks/tables.py --keep NAME COMMAND [ARGUMENT ...]
                                 runs a benchmark that prints a JSON object a line, keeps them with date, commit, command and
                                 machine in NAME-DATE.json, then writes every table

A table shows the newest file of its name. A file that no command writes holds what was once measured otherwise.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import table_results
from table_kinds import (
    accuracy, bench, busy_cpu, cold_start, everybody, gpu_peers, gpu_speed, ours_and_best_peer, profile, speed, variants)
from table_results import newest, races
from table_text import plain

ROOT = Path(__file__).resolve().parents[1]

TABLES = {
    "README.md": {
        "accuracy": lambda: accuracy(newest("accuracy"), "--device cpu", "--device opencl"),
        "speed": lambda: speed(races()[-1], newest("bench")),
        "gpu-speed": lambda: gpu_speed(newest("variants-gpu"), newest("gpu_peers")),
    },
    "docs/training.md": {
        "augment": lambda: accuracy(newest("accuracy"), "--device cpu", "--device cpu --augment"),
    },
    "native-notes.md": {
        "lanes-layers": lambda: plain(
            newest("lanes-layers"), ("microseconds", "layer"), (">forward", "forward"), (">floor", "forward_floor"),
            (">backward", "backward"), (">floor", "backward_floor")),
        "variants-opencl": lambda: variants(newest("variants-opencl")),
        "gpu-primitives": lambda: plain(
            newest("gpu-primitives"), ("primitive", "primitive"), ("measured", "measured")),
        "gpu-kernels": lambda: plain(
            newest("gpu-kernels"), ("kernel", "kernel"), (">code, KiB", "code_kib"), (">registers", "registers"),
            (">GFLOP/s", "gigaflops")),
        "profile-layered": lambda: profile(newest("profile-layered")),
    },
    "benchmarks/README.md": {
        "best-peer": lambda: ours_and_best_peer(races()),
        "peers": lambda: everybody(races()),
        "profile-simd": lambda: profile(newest("profile-simd")),
        "bench": lambda: bench(newest("bench")),
        "variants-gpu": lambda: variants(newest("variants-gpu")),
        "gpu_peers": lambda: gpu_peers(newest("gpu_peers")),
        "busy-cpu": lambda: busy_cpu(newest("busy-cpu")),
        "cold-start": lambda: cold_start(newest("cold-start")),
    },
}


def between_markers(document, name, lines):
    """The document with these lines in the place of what stands between the two markers."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, begins, rest = document.partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise ValueError(f"no {end if begins else begin} where it was expected")
    return before + "\n".join([begin, *lines, end]) + after


def write(check):
    """Writes the tables, or only compares them; names those that differ."""
    differing = []
    for path, tables in TABLES.items():
        document = ROOT / path
        old = new = document.read_text(encoding="utf-8")
        for name, lines in tables.items():
            before = new
            new = between_markers(new, name, lines())
            differing += [f"{path}: {name}"] if new != before else []
        if new != old and not check:
            document.write_text(new, encoding="utf-8")
    return differing


def said_by(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def processor():
    cpus = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.*)", cpus.read_text()) if cpus.exists() else []
    return names[0] if names else os.uname().machine


def keep(name, command):
    """Runs a benchmark and keeps what it printed; nothing if it failed."""
    rows = []
    keeping = {**os.environ, "KEEPING": "yes"}  # the benchmarks in scripts start this command unless it has started them
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=keeping) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            rows.append(json.loads(line))
    if process.returncode != 0 or not rows:
        sys.exit(f"tables.py: {shlex.join(command)} failed, nothing is kept")
    devices = [json.loads(line) for line in said_by("./lenet5", "devices", "--json").splitlines()]
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ")
    run = {"date": date, "commit": said_by("git", "describe", "--always", "--dirty"), "command": shlex.join(command),
           "machine": {"processor": processor(), "threads": os.cpu_count(),
                       "jdk": said_by("sh", "-c", '. scripts/jdk && echo "$version"')},
           "devices": [event["facts"] for event in devices if event["event"] == "device"], "results": rows}
    file = table_results.RESULTS / f"{name}-{date.replace(':', '')}.json"
    file.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    print(f"written to {file}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    modes.add_argument("--keep", nargs=argparse.REMAINDER, metavar="NAME COMMAND", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.keep is not None:
        if len(options.keep) < 2:
            parser.error("--keep: expected NAME COMMAND")
        keep(options.keep[0], options.keep[1:])
    try:
        differing = write(options.check)
    except (OSError, ValueError) as e:
        sys.exit(f"tables.py: {e}")
    for table_of in differing:
        print(f"{table_of} {'differs from its results: run benchmarks/tables.py' if options.check else 'written'}")
    sys.exit(1 if options.check and differing else 0)


if __name__ == "__main__":
    main()
