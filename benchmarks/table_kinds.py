"""The kinds of table: each function makes the lines of one of what a run of a benchmark kept."""
import math
import statistics

from table_results import best, distinct, epochs, events, median
from table_text import by_batch, caption, grid, milliseconds, percent, place, pocl, table, text, three_digits, unmeasured

OURS = "lenet5"
SMALL = 0.01  # lesser shares of a profile are added up


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
