"""How measured figures are written: in Markdown, under a caption that tells where they are from."""
import re
import textwrap

WIDTH = 128  # of a document's lines


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
