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
import math
import os
import re
import shlex
import statistics
import subprocess
import sys
import textwrap
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
OURS = "lenet5"
WIDTH = 128  # of a document's lines
SMALL = 0.01  # lesser shares of a profile are added up


# What was measured


def runs(name):
    """The files of that name, the oldest first: their names end in the date."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RESULTS.glob(f"{name}-[0-9]*.json"))]


def newest(name):
    found = runs(name)
    if not found:
        raise FileNotFoundError(f"no {name}-DATE.json in {RESULTS}")
    return found[-1]


def races():
    """The two newest with everybody in them: benchmarks/peers/run keeps others, too."""
    return [run for run in runs("peers") if run["command"] == "benchmarks/peers/run"][-2:]


def events(run, name):
    return [row for row in run["results"] if row.get("event") == name]


def distinct(rows, key):
    return list(dict.fromkeys(row[key] for row in rows))


def epochs(result):
    return [seconds for process in result["epochSeconds"] for seconds in process]


def median(result):
    return statistics.median(epochs(result))


def best(results, **wanted):
    measured = [r for r in results if r["problem"] is None and all(r[key] == value for key, value in wanted.items())]
    return min(measured, key=median, default=None)


# How it is written


def table(headings, rows):
    """Markdown; the columns whose headings begin with > are set to the right."""

    def line(cells):
        return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"

    rule = "".join("|---:" if heading.startswith(">") else "|---" for heading in headings) + "|"
    return [line(heading.lstrip(">") for heading in headings), rule, *map(line, rows)]


def grid(corner, columns, rows):
    """A table of rows that are cells by column."""
    return table([corner] + [f">{column}" for column in columns.values()],
                 [[name] + [cells.get(column, "") for column in columns] for name, cells in rows.items()])


def by_batch(batches):
    return {batch: f"batch {batch}" for batch in batches}


def plain(run, *columns):
    """Every row as it was kept; a column is its heading and the rows' key."""
    return caption(run) + table([heading for heading, _ in columns],
                                [[text(row.get(key)) for _, key in columns] for row in run["results"]])


def text(value):
    return "" if value is None else f"{value:,}" if isinstance(value, (int, float)) else value


def three_digits(value):
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"


def milliseconds(value):
    return f"{round(value, 2):g}"


def percent(share, digits=1):
    return f"{100 * share:.{digits}f} %"


def unmeasured(problem):
    return "unmeasured: " + problem.replace("|", "\\|")


def pocl(name):
    return re.sub(r"pthread-.*\(Portable Computing Language\)", "PoCL", name)


def place(run):
    """On what it was measured, as far as that was kept."""
    machine = run.get("machine") or {}
    if "processor" in machine:
        yield machine["processor"]
    if "threads" in machine:
        yield f"{machine['threads']} threads"
    if "gpu" in machine:
        yield f"{machine['gpu']}, driver {machine['driver']}"
    for facts in run.get("devices", []):
        yield f"PoCL {facts['driver']}" if facts.get("pocl") else f"{facts['name']}, driver {facts['driver']}"
    if "jdk" in machine:  # the version is the last word of what Java calls itself
        yield "JDK " + machine["jdk"].split()[-1].split("+")[0]
    for package, version in run.get("versions", {}).items():
        if version:
            yield f"{package} {version}"


def caption(run, *more):
    commit = [f"commit {run['commit']}"] if run.get("commit") else []
    command = [f"`{run['command']}`"] if run.get("command") else []
    words = ", ".join([*place(run), run["date"], *commit, *command, *more]) + ":"
    return textwrap.wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False) + [""]


# The tables


def accuracy(run, *wanted):
    """How often each way to train is right, at the seeds that all of them have."""
    rows = {options: {} for options in wanted}
    for row in run["results"]:
        if row["options"] in rows:
            rows[row["options"]][row["seed"]] = percent(row["accuracy"], 2)
    seeds = sorted(set.intersection(*map(set, rows.values())))
    return caption(run) + grid("test accuracy", {seed: f"seed {seed}" for seed in seeds},
                               {f"`{options}`": cells for options, cells in rows.items()})


def speed(race, bench):
    """Everybody's medians; the reference is too slow for the race, so its are those of `bench`."""

    def cell(seconds, scaled):
        return f"{seconds:#.3g} s" + (", scaled" if scaled else "")

    batches = distinct(race["results"], "batchSize")
    rows = {"the floor": dict.fromkeys(batches, cell(race["floor_seconds_an_epoch"], False))}
    for result in in_order(race["results"]):
        name = f"**{title(result)}**" if result["ours"] else title(result)
        rows.setdefault(name, {})[result["batchSize"]] = (
            cell(median(result), result["steps"] < result["epochSteps"]) if result["problem"] is None else "unmeasured")
    rows[f"**{OURS} reference** (`{bench['command']}`, {bench['date']})"] = {
        row["batch_size"]: cell(row["epoch_seconds"], row["steps"] != row["epoch_steps"])
        for row in events(bench, "bench") if row["engine"] == "reference" and "problem" not in row}
    return caption(race) + grid("seconds an epoch", by_batch(batches), rows)


def in_order(results):
    """By batch size, the fastest first."""
    return sorted(results, key=lambda result: (
        result["batchSize"], median(result) if result["problem"] is None else math.inf))


def title(result):
    return pocl(result["version"] or result["name"])


def ours_and_best_peer(races):
    rows = []
    for race in races:
        for batch in distinct(race["results"], "batchSize"):
            ours, peer = [best(race["results"], batchSize=batch, ours=mine) for mine in (True, False)]
            rows.append([", ".join(place(race)), f"{race['date']}, {race['commit']}", f"`{race['command']}`", str(batch),
                         f"{race['floor_seconds_an_epoch']:.3f} s"]
                        + [f"{median(one):.3f} s ({one['name']})" if one else "unmeasured" for one in (ours, peer)]
                        + [f"{median(ours) / median(peer):.3f}" if ours and peer else "unmeasured"])
    return table(["machine", "date, commit", "command", ">batch", ">floor", ">ours", ">best peer", ">ours / best peer"], rows)


def everybody(races):
    def figures(result):
        if result is None or result["problem"] is not None:
            return unmeasured(result["problem"]) if result else ""
        steps, all_steps = result["steps"], result["epochSteps"]
        scaled = f", scaled from {steps} of {all_steps:,} steps" if steps < all_steps else ""
        return f"{median(result):.3f} ({min(epochs(result)):.3f} to {max(epochs(result)):.3f}){scaled}"

    found = [{(result["batchSize"], result["name"]): result for result in race["results"]} for race in races]
    return table(["seconds an epoch: median (min to max)", ">batch"] + [f">{race['date']}" for race in races],
                 [[title(result), str(result["batchSize"])]
                  + [figures(of.get((result["batchSize"], result["name"]))) for of in found]
                  for result in in_order(races[-1]["results"])])


def bench(run):
    rows = []
    for row in events(run, "bench"):
        engine = row["engine"] if row["device"] == "Java" else f"{row['engine']}, {pocl(row['device'])}"
        if "problem" in row:
            rows.append([engine, str(row["batch_size"]), unmeasured(row["problem"]), "", "", ""])
            continue
        scaled = ", scaled" if row["steps"] != row["epoch_steps"] else ""
        rows.append([engine, str(row["batch_size"]), f"{row['epoch_seconds']:.3f}{scaled}", f"{row['images_per_second']:,.0f}",
                     f"{1e6 * row['step_seconds']:,.1f}", percent(row["floor_share"])])
    floors = [f"floor of {pocl(floor['device'])} {floor['epoch_seconds']:.4f} s an epoch at {floor['gigaflops']:.0f} GFLOP/s "
              f"(and {floor['gigabytes']:.0f} GB/s)" for floor in events(run, "floor")]
    return caption(run, *floors) + table(["engine", ">batch", ">s/epoch", ">images/s", ">us/step", ">of floor"], rows)


def profile(run):
    """The columns that were kept, and the part of the peak if it was measured, too."""
    rows = [row for row in events(run, "profile") if row["share"] >= SMALL]
    rest = sum(row["share"] for row in events(run, "profile") if row["share"] < SMALL)
    if rest:
        rows.append({"activity": "everything else", "share": rest})
    peak = max((floor["gigaflops"] for floor in events(run, "floor")), default=None)
    columns = [
        ("activity", "activity", str), (">runs", "runs", text), (">seconds", "seconds", "{:.3f}".format),
        (">share", "share", percent), (">GFLOP/s", "gigaflops", three_digits),
        (">of the peak", "gigaflops", lambda rate: peak and percent(rate / peak, 0)), (">GB/s", "gigabytes", three_digits)]
    cells = [[heading] + [write(row[key]) if row.get(key) else "" for row in rows] for heading, key, write in columns]
    headings, *lines = zip(*[column for column in cells if any(column[1:])])
    peaks = [f"peak {three_digits(peak)} GFLOP/s"] if peak else []
    return caption(run, *peaks) + table(headings, lines)


def variants(run):
    medians = variant_medians(run)
    cells = {}
    for batch, of in sorted(medians.items()):
        cells[str(batch)] = {name: milliseconds(ms) for name, ms in of.items()}
        fastest = min(of, key=of.get)
        cells[str(batch)][fastest] = f"**{cells[str(batch)][fastest]}**"
    names = dict.fromkeys(name for of in medians.values() for name in of)
    return caption(run) + grid(">batch", {name: f"`{name}`" for name in names}, cells)


def variant_medians(run):
    """Milliseconds, by batch size and variant."""
    medians = {}
    for row in run["results"]:
        if "variant" in row:
            medians.setdefault(row["batch"], {})[row["variant"]] = 1e3 * statistics.median(row["seconds"])
    return medians


def gpu_speed(run, race):
    """The fastest variant and the fastest that each library has, at the batch sizes that the peers ran."""
    batches = distinct(race["rows"], "batch")
    medians = variant_medians(run)
    floor = min(floor["epoch_seconds"] for floor in events(run, "floor"))

    def fused(batch):
        variants = {name: ms for name, ms in medians.get(batch, {}).items() if name != "layered"}
        return f"{milliseconds(min(variants.values()))} (`{min(variants, key=variants.get)}`)" if variants else ""

    def library(batch, name):
        rows = [row for row in race["rows"] if row["batch"] == batch and peer(row).split(",")[0] == name]
        fastest = min((row for row in rows if "ms_per_epoch" in row), key=lambda row: row["ms_per_epoch"], default=None)
        return f"{milliseconds(fastest['ms_per_epoch'])} ({fastest['precision']})" if fastest else "failed" if rows else ""

    peers = f"the peers {race['date']}, commit {race['commit']}"
    return caption(run, peers) + grid("milliseconds an epoch", by_batch(batches), {
        "the floor": {batch: f"{1e3 * floor:.2f}" for batch in batches},
        "**`fused`**, its fastest variant": {batch: fused(batch) for batch in batches},
        "JAX": {batch: library(batch, "JAX") for batch in batches},
        "PyTorch, its fastest mode": {batch: library(batch, "PyTorch") for batch in batches},
        "**`layered`**": {batch: milliseconds(of["layered"]) for batch, of in medians.items() if "layered" in of}})


def peer(row):
    return {"jax": "JAX", OURS: OURS}.get(row["contender"], f"PyTorch, {row['contender']}")


def gpu_peers(race):
    """What gpu_peers.py keeps: the ratios, then everybody."""

    def ms(value):
        return "unmeasured" if value is None else f"{milliseconds(value)} ms"

    def who(row):
        return " ".join([peer(row)] + [row[key] for key in ("engine", "variant") if key in row])

    def figures(row):
        if "unmeasured" in row:
            return [unmeasured(row["unmeasured"]), ""]
        spread = f" ({milliseconds(row['min_ms'])} to {milliseconds(row['max_ms'])})" if "min_ms" in row else ""
        scaled = "" if row.get("short_batch_trained", True) else ", scaled"
        step = f"{row['us_per_step']:.1f}" if "us_per_step" in row else ""
        return [f"{milliseconds(row['ms_per_epoch'])}{spread}{scaled}", step]

    lines = caption(race)
    if race["ratios"]:
        lines += table([">batch", "peers' precision", ">ours", ">best peer", ">ours / best peer"], [
            [str(r["batch"]), r["precision"], ms(r["ours_ms"]),
             ms(r["best_peer_ms"]) + (f" ({r['best_peer']})" if r["best_peer"] else ""),
             "unmeasured" if r["ours_to_best_peer"] is None else f"{r['ours_to_best_peer']:.3f}"]
            for r in race["ratios"]]) + [""]
    return lines + table(["who", "precision", ">batch", ">ms an epoch: median (min to max)", ">us a step"],
                         [[who(row), row["precision"], str(row["batch"]), *figures(row)] for row in race["rows"]])


def busy_cpu(run):
    rows = []
    for row in run["results"]:
        lanes, auto = statistics.median(row["lanes"]), statistics.median(row["auto"])
        rows.append([str(row["loops"]), f"{lanes:.3f}", f"{auto:.3f}", f"{auto / lanes:.2f}"])
    return caption(run) + table([">busy loops", ">`lanes`, s", ">`auto`, s", ">`auto` / `lanes`"], rows)


def cold_start(run):
    def spread(seconds):
        return " to ".join(f"{end:.1f}" if end >= 1 else f"{end:.2f}" for end in (min(seconds), max(seconds)))

    return caption(run) + table(
        ["engine", ">rounds", "kernel cache", ">first step, s", ">end of the first epoch, s"],
        [[f"`{row['engine']}`", str(row["rounds"]), row["cache"], spread(row["first_step"]), spread(row["epoch"])]
         for row in run["results"]])


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
        "gpu-registers": lambda: plain(newest("gpu-registers"), ("kernel", "kernel"), (">registers", "registers")),
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


# The commands


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
    file = RESULTS / f"{name}-{date.replace(':', '')}.json"
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
