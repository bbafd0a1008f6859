"""What was measured: the files in benchmarks/results that tables are made of."""
import json
import statistics
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


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
