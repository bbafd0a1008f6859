#!/usr/bin/env python3
"""Training speed of PyTorch and JAX on this machine's NVIDIA GPU, on the work that lenet5 does, in turn with lenet5.

The work: 55,000 images of 32x32 resident on the device, a fresh shuffle each epoch, LeNet-5 with tanh and average pooling,
mean softmax cross-entropy, plain SGD at 0.01. The figure is the time of an epoch's training, without validation.

The peers:
{peers}
Each runs in float32 and in "tf32", which is what people get who ask for nothing: the library's own defaults. Those of
PyTorch let convolutions use TF32 and keep matrix products in float32; JAX's let both use TF32. lenet5 computes in float32.

With --jar, lenet5 runs, too: `lenet5 train` as a fresh process every turn, with the engine that it chooses by itself.

The last batch of an epoch is short (24 of 32 images). Where a graph or a scan has one shape only, that batch is left out
and the time scaled to the whole number of steps ("short_batch_trained": false); the others train it as it is.

Every contender has a process of its own at each batch size, and --limit seconds there for all that it does: import,
capture, compilation, epochs. It must first have the loss that plain NumPy computes from the same parameters and images. Then
every round has a turn of everybody's: {epochs} epochs one after the other, of which the last {timed} count. Who has another
loss, fails, dies or takes longer has a row that says so, and is gone; nobody else notices.

Prints a row for each contender, precision and batch size as a JSON object a line, at the end lenet5's median over the best
peer's. --out keeps them all, with date, command, machine and versions, in one JSON file; benchmarks/tables.py makes the table
in benchmarks/README.md of the newest benchmarks/results/gpu_peers-DATE.json.
"""
import argparse
import contextlib
import gzip
import importlib.metadata
import json
import math
import os
import select
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

PEERS = {
    "eager": "PyTorch, operation by operation",
    "graph": "PyTorch, a step captured as a CUDA graph",
    "epoch-graph": "PyTorch, a whole epoch captured as one CUDA graph",
    "compile": "PyTorch, as graph, the loss compiled by torch.compile in its default mode",
    "compile-max": "PyTorch, as graph, the loss compiled by torch.compile with max-autotune",
    "jax": "JAX, a whole epoch as one compiled scan",
}
OURS = "lenet5"
PRECISIONS = ("float32", "tf32")
LOSS_TOLERANCE = {"float32": 1e-4, "tf32": 1e-2}  # TF32 has ten bits of mantissa
IMAGES = 55_000
RATE = 0.01
EPOCHS, UNTIMED = 5, 2  # of a turn; a GPU that had to wait for its turn clocks up in the first ones, and Java compiles
# Weights and biases in lenet5's order and layout: [out, in, 5, 5] and [out, in].
SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
TABLES = Path(__file__).resolve().parents[1] / "tables.py"


# The work, and what plain NumPy says of it


def read_idx(directory, name, header):
    plain, packed = Path(directory) / name, Path(directory) / (name + ".gz")
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


def load(directory, count):
    if directory is None:
        random = np.random.default_rng(1)
        pixels = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, count)
    else:
        pixels = read_idx(directory, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)[:count]
        labels = read_idx(directory, "train-labels-idx1-ubyte", 8)[:count]
    images = np.pad(pixels.astype(np.float32) / 255, ((0, 0), (2, 2), (2, 2)))
    return images - images.mean(), labels.astype(np.int64)


def initial_parameters():
    random = np.random.default_rng(1)
    values = []
    for shape in SHAPES:
        taps = math.prod(shape[2:])
        limit = math.sqrt(6 / (taps * sum(shape[:2]))) if len(shape) > 1 else 0
        values.append(random.uniform(-limit, limit, shape).astype(np.float32))
    return values


def expected_losses(images, labels):
    """Each image's loss with the initial parameters, in plain NumPy: the definition that every peer has to meet."""
    c1, d1, c2, d2, w1, b1, w2, b2, w3, b3 = [v.astype(np.float64) for v in initial_parameters()]

    def convolution(h, weights, bias):
        windows = np.lib.stride_tricks.sliding_window_view(h, (5, 5), (2, 3))
        return np.einsum("nihwuv,oiuv->nohw", windows, weights, optimize=True) + bias[:, None, None]

    def pool(h):
        n, maps, height, width = h.shape
        return h.reshape(n, maps, height // 2, 2, width // 2, 2).mean((3, 5))

    h = pool(np.tanh(convolution(images[:, None].astype(np.float64), c1, d1)))
    h = pool(np.tanh(convolution(h, c2, d2))).reshape(len(images), -1)
    h = np.tanh(h @ w1.T + b1)
    h = np.tanh(h @ w2.T + b2)
    z = h @ w3.T + b3
    return np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]


def expected_loss(images, labels, batch):
    """The mean loss of the first batch, a part at a time: in double precision the windows of all would take gigabytes."""
    parts = [slice(i, min(i + 512, batch)) for i in range(0, batch, 512)]
    return float(np.concatenate([expected_losses(images[p], labels[p]) for p in parts]).mean())


# The contenders, each in a process of its own


class Peer:
    """Has loss(), that of the first batch with the present parameters, and epoch(), which takes the seconds it returns."""

    facts = {}

    def turn(self):
        return [self.epoch() for _ in range(EPOCHS)][UNTIMED:]


class Torch(Peer):
    def __init__(self, name, precision, data, batch):
        import torch

        if precision == "float32":
            torch.backends.cuda.matmul.allow_tf32 = False
            torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = True
        self.torch, self.batch = torch, batch
        self.x = torch.tensor(data[0], device="cuda").unsqueeze(1)
        self.y = torch.tensor(data[1], device="cuda")
        self.parameters = [torch.tensor(v, device="cuda", requires_grad=True) for v in initial_parameters()]
        self.order = torch.arange(len(self.x), device="cuda")
        mode = {"compile": "default", "compile-max": "max-autotune-no-cudagraphs"}.get(name)
        self.loss_of = torch.compile(self.loss_function(), mode=mode) if mode else self.loss_function()
        self.whole = name in ("eager", "epoch-graph")
        if name == "eager":
            self.train = self.all_steps
        elif name == "epoch-graph":
            self.train = self.capture(self.all_steps, self.first_and_last_step).replay
        else:
            # A graph keeps addresses, not tensors: what it reads must be a field. The memory of a local tensor goes to
            # the next shuffle, whose keys the graph would take for indices.
            self.position = torch.zeros((), dtype=torch.int64, device="cuda")
            self.lanes = torch.arange(batch, device="cuda")
            self.graph = self.capture(self.next_step, self.first_step)
            self.train = self.replay_steps

    def loss_function(self):
        torch, f = self.torch, self.torch.nn.functional

        def loss(parameters, x, y):
            c1, d1, c2, d2, w1, b1, w2, b2, w3, b3 = parameters
            h = f.avg_pool2d(torch.tanh(f.conv2d(x, c1, d1)), 2)
            h = f.avg_pool2d(torch.tanh(f.conv2d(h, c2, d2)), 2).flatten(1)
            h = torch.tanh(f.linear(h, w1, b1))
            h = torch.tanh(f.linear(h, w2, b2))
            return f.cross_entropy(f.linear(h, w3, b3), y)

        return loss

    def step(self, indices):
        loss = self.loss_of(self.parameters, self.x[indices], self.y[indices])
        gradients = self.torch.autograd.grad(loss, self.parameters)
        with self.torch.no_grad():
            self.torch._foreach_add_(self.parameters, gradients, alpha=-RATE)

    def all_steps(self):
        for indices in self.order.split(self.batch):
            self.step(indices)

    def first_and_last_step(self):
        batches = self.order.split(self.batch)
        self.step(batches[0])
        self.step(batches[-1])

    def next_step(self):
        self.step(self.order[self.position + self.lanes])
        self.position.add_(self.batch)

    def first_step(self):
        self.next_step()
        self.position.zero_()

    def replay_steps(self):
        self.position.zero_()
        for _ in range(len(self.x) // self.batch):
            self.graph.replay()

    def capture(self, work, warm_up):
        """The graph of the work. What is chosen or allocated at a shape's first use must not be captured, so the warm-up
        trains with every shape of the work; what it learns is undone."""
        cuda = self.torch.cuda
        stream = cuda.Stream()
        stream.wait_stream(cuda.current_stream())
        with cuda.stream(stream):
            for _ in range(3):
                warm_up()
        cuda.current_stream().wait_stream(stream)
        with self.torch.no_grad():
            for parameter, value in zip(self.parameters, initial_parameters()):
                parameter.copy_(self.torch.tensor(value))
        graph = cuda.CUDAGraph()
        with cuda.graph(graph):
            work()
        return graph

    def loss(self):
        return self.loss_of(self.parameters, self.x[:self.batch], self.y[:self.batch]).item()

    def epoch(self):
        torch = self.torch
        torch.cuda.synchronize()
        start = time.perf_counter()
        self.order.copy_(torch.randperm(len(self.x), device="cuda"))
        self.train()
        torch.cuda.synchronize()
        return time.perf_counter() - start


class Jax(Peer):
    whole = False

    def __init__(self, name, precision, data, batch):
        import jax
        import jax.numpy as jnp

        if jax.default_backend() != "gpu":
            raise RuntimeError(f"JAX has no GPU, only {jax.default_backend()}")
        if precision == "float32":
            jax.config.update("jax_default_matmul_precision", "highest")  # of convolutions, too
        self.jax, self.batch = jax, batch
        self.x, self.y = jnp.asarray(data[0][:, None]), jnp.asarray(data[1].astype(np.int32))
        self.parameters = [jnp.asarray(v) for v in initial_parameters()]
        self.key = jax.random.PRNGKey(1)

        def convolution(h, weights, bias):
            return jax.lax.conv(h, weights, (1, 1), "VALID") + bias[:, None, None]

        def pool(h):
            n, maps, height, width = h.shape
            return h.reshape(n, maps, height // 2, 2, width // 2, 2).mean((3, 5))

        def loss(parameters, images, labels):
            c1, d1, c2, d2, w1, b1, w2, b2, w3, b3 = parameters
            h = pool(jnp.tanh(convolution(images, c1, d1)))
            h = pool(jnp.tanh(convolution(h, c2, d2))).reshape(len(images), -1)
            h = jnp.tanh(h @ w1.T + b1)
            h = jnp.tanh(h @ w2.T + b2)
            scores = jax.nn.log_softmax(h @ w3.T + b3)
            return -jnp.take_along_axis(scores, labels[:, None], 1).mean()

        def epoch(parameters, key, x, y):  # the images are arguments: as constants the compiler would fold them
            def step(parameters, indices):
                gradients = jax.grad(loss)(parameters, x[indices], y[indices])
                return [p - RATE * g for p, g in zip(parameters, gradients)], None

            order = jax.random.permutation(key, len(x))[: len(x) // batch * batch]
            return jax.lax.scan(step, parameters, order.reshape(-1, batch))[0]

        self.loss_of, self.train = jax.jit(loss), jax.jit(epoch)

    def loss(self):
        return float(self.loss_of(self.parameters, self.x[:self.batch], self.y[:self.batch]))

    def epoch(self):
        self.key, key = self.jax.random.split(self.key)
        start = time.perf_counter()
        self.parameters = self.jax.block_until_ready(self.train(self.parameters, key, self.x, self.y))
        return time.perf_counter() - start


def ending(status, errors):
    """How a process ended, and the last that it said."""
    how = f"was ended by a signal, {signal.strsignal(-status)}" if status < 0 else f"ended with status {status}"
    return ": ".join([how] + errors.strip().splitlines()[-1:])


class Ours:
    """`lenet5 train`, a fresh process each turn. It checks itself against its reference before it trains."""

    whole = True
    facts = {}

    def __init__(self, jar, device, batch):
        self.command = ["java", "-jar", jar, "train", "--json", "--data", "synthetic", "--device", device,
                        "--epochs", str(EPOCHS), "--batch-size", str(batch)]

    def loss(self):
        return None

    def turn(self):
        ended = subprocess.run(self.command, capture_output=True, text=True)
        if ended.returncode != 0:
            raise RuntimeError(f"{OURS} {ending(ended.returncode, ended.stderr)}")
        events = [json.loads(line) for line in ended.stdout.splitlines()]
        start = next(e for e in events if e["event"] == "start")
        self.facts = {key: start[key] for key in ("device", "engine", "variant") if key in start}
        seconds = [e["train_seconds"] for e in events if e["event"] == "epoch"][UNTIMED:]
        if not seconds:
            raise RuntimeError(f"{OURS} trained no {EPOCHS} epochs")
        return seconds


def serve(job):
    """The child's side: a JSON object a line, one for the start and one for every line that it is sent."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    name, batch = job["contender"], job["batch"]

    def say(contender, **more):
        facts = {"short_batch_trained": contender.whole, **contender.facts}
        print(json.dumps({"loss": contender.loss(), "facts": facts, **more}), file=answers)

    try:
        if name == OURS:
            contender = Ours(job["jar"], job["device"], batch)
        else:
            kind = Jax if name == "jax" else Torch
            contender = kind(name, job["precision"], load(job["data"], job["images"]), batch)
        say(contender)
        for _ in sys.stdin:
            say(contender, seconds=contender.turn())
    except Exception as e:
        print(json.dumps({"error": f"{type(e).__name__}: {e}"}), file=answers)


# The race


class Child:
    """The parent's side of a contender. Once it has failed it is gone, and says why."""

    def __init__(self, options, name, precision, batch):
        self.name, self.precision, self.batch, self.images = name, precision, batch, options.images
        self.limit = self.left = options.limit
        self.failure, self.seconds, self.facts, self.unread = None, [], {}, b""
        job = {"contender": name, "precision": precision, "batch": batch, "data": options.data, "images": options.images,
               "jar": options.jar, "device": options.device}
        self.errors = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--contender", json.dumps(job)], bufsize=0, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            env={"XLA_PYTHON_CLIENT_PREALLOCATE": "false", **os.environ})  # JAX would take the memory the others need

    def open(self, expected):
        """Waits for the start, then compares the loss, before anything is timed."""
        answer = self.answer()
        tolerance = LOSS_TOLERANCE[self.precision]
        if answer and answer["loss"] is not None and not abs(answer["loss"] - expected) <= tolerance:
            self.fail(f"its loss is {answer['loss']:.6f}, expected {expected:.6f}")
        self.first_loss = answer and answer["loss"]

    def turn(self):
        if self.failure:
            return
        answer = self.answer(b"turn\n")
        loss = answer and answer["loss"]
        if loss is not None and not (math.isfinite(loss) and loss != self.first_loss):
            self.fail(f"it does not train: its loss was {self.first_loss:.6f} and is {loss:.6f}")
        elif answer:
            self.seconds += answer["seconds"]

    def answer(self, request=None):
        """The next answer, or nothing if there is none within the limit."""
        started = time.monotonic()
        try:
            if request:
                self.process.stdin.write(request)
            while b"\n" not in self.unread:
                left = self.left - (time.monotonic() - started)
                if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                    return self.fail(f"took over {self.limit:g} s")
                read = os.read(self.process.stdout.fileno(), 1 << 16)
                if not read:
                    return self.fail(self.death())
                self.unread += read
        except BrokenPipeError:
            return self.fail(self.death())
        self.left -= time.monotonic() - started
        line, self.unread = self.unread.split(b"\n", 1)
        answer = json.loads(line)
        if "error" in answer:
            return self.fail(answer["error"])
        self.facts = answer["facts"]
        return answer

    def death(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()
        self.errors.seek(0)
        return ending(self.process.returncode or 0, self.errors.read())

    def fail(self, reason):
        self.failure = " ".join(reason.split())[:300]
        self.kill()

    def kill(self):
        """Ends it and all that it started."""
        with contextlib.suppress(ProcessLookupError):  # all have ended
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a driver may hold a process for ever
            self.process.wait(10)

    def row(self):
        row = {"contender": self.name, "precision": self.precision, "batch": self.batch, **self.facts}
        if self.failure:
            return {**row, "unmeasured": self.failure}
        steps = math.ceil(self.images / self.batch)
        scale = 1 if self.facts["short_batch_trained"] else steps / (self.images // self.batch)
        ms = [1e3 * scale * s for s in self.seconds]
        median = statistics.median(ms)
        return {**row, "ms_per_epoch": round(median, 3), "min_ms": round(min(ms), 3), "max_ms": round(max(ms), 3),
                "us_per_step": round(1e3 * median / steps, 2)}


def race(options, expected, batch):
    """Opens everybody one by one, since a compiler that times its choices must be alone, then takes them in turn."""
    entries = [(OURS, "float32")] if options.jar else []
    entries += [(peer, precision) for precision in options.precisions for peer in options.peers]
    children = []
    try:
        for name, precision in entries:
            child = Child(options, name, precision, batch)
            children.append(child)
            child.open(expected)
            print(f"batch {batch}, {name}, {precision}: {child.failure or 'ready'}", file=sys.stderr, flush=True)
        for _ in range(options.rounds):
            for child in children:
                child.turn()
    finally:
        for child in children:
            child.kill()
    return [child.row() for child in children]


# The results


def ratios(rows):
    """For each batch size and precision lenet5's median and the best peer's; null is unmeasured."""
    for batch in dict.fromkeys(row["batch"] for row in rows):
        measured = [row for row in rows if row["batch"] == batch and "ms_per_epoch" in row]
        ours = next((row["ms_per_epoch"] for row in measured if row["contender"] == OURS), None)
        for precision in PRECISIONS:
            peers = [row for row in measured if row["contender"] != OURS and row["precision"] == precision]
            best = min(peers, key=lambda row: row["ms_per_epoch"], default=None)
            yield {"batch": batch, "precision": precision, "ours_ms": ours,
                   "best_peer": best and best["contender"], "best_peer_ms": best and best["ms_per_epoch"],
                   "ours_to_best_peer": round(ours / best["ms_per_epoch"], 4) if ours and best else None}


def said_by(*command):
    """What a command says, null where there is no such command or it fails."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def circumstances():
    gpu = said_by("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
    name, driver = gpu.splitlines()[0].rsplit(", ", 1) if gpu else (None, None)
    return {"date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ"), "command": shlex.join(sys.argv),
            "commit": said_by("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"),
            "machine": {"gpu": name, "driver": driver} if gpu else None,
            "versions": {package: version(package) for package in ("torch", "jax")}}


def write_whole(path, text):
    """Whoever reads the file finds the old text or the new one, and never a part."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


# The command line


def some_of(known):
    def names(text):
        chosen = [name for name in text.split(",") if name]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"unknown '{name}', expected some of {','.join(known)}")
        return chosen

    return names


def positive(kind, what):
    def number(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"found '{text}', expected {what}")
        return value

    return number


def batch_sizes(text):
    return [positive(int, "positive whole numbers with commas, such as 32,1024")(size) for size in text.split(",")]


def arguments():
    peers = "".join(f"  {name:<12} {what}\n" for name, what in PEERS.items())
    parser = argparse.ArgumentParser(description=__doc__.format(peers=peers, epochs=EPOCHS, timed=EPOCHS - UNTIMED),
                                     formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    whole = positive(int, "a positive whole number")
    parser.add_argument("--data", metavar="DIR", help="a directory with MNIST's train-images-idx3-ubyte and "
                        "train-labels-idx1-ubyte, gzipped or not (default: noise, which is as fast)")
    parser.add_argument("--jar", help="run lenet5, too: target/lenet5-opencl-VERSION-all.jar")
    parser.add_argument("--device", default="gpu", help="lenet5's --device (default: %(default)s)")
    parser.add_argument("--batches", type=batch_sizes, default="32,1024,4096", help="images a step (default: %(default)s)")
    parser.add_argument("--rounds", type=whole, default=5, help="turns of each (default: %(default)s)")
    parser.add_argument("--peers", type=some_of(PEERS), default=",".join(PEERS),
                        help="some of %(default)s, which is the default; '' is none")
    parser.add_argument("--precisions", type=some_of(PRECISIONS), default=",".join(PRECISIONS),
                        help="the peers' precisions (default: %(default)s)")
    parser.add_argument("--limit", metavar="SECONDS", type=positive(float, "a positive number of seconds"), default=120,
                        help="what a contender may take at a batch size in all (default: %(default)s)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="keep the results in this JSON file; it is written whole, "
                        "after every batch size")
    parser.add_argument("--images", type=whole, default=IMAGES, help=argparse.SUPPRESS)  # fewer, for the test
    parser.add_argument("--contender", type=json.loads, help=argparse.SUPPRESS)  # this process is a child
    return parser, parser.parse_args()


def main():
    parser, options = arguments()
    if options.contender:
        return serve(options.contender)
    if options.jar and not Path(options.jar).is_file():
        parser.error(f"--jar: there is no file {options.jar}")
    if options.out and not options.out.parent.is_dir():
        parser.error(f"--out: there is no directory {options.out.parent}")
    try:
        images, labels = load(options.data, options.images)
    except (OSError, ValueError) as e:
        parser.error(f"--data: {options.data}: {e}")
    options.images = len(images)
    if max(options.batches) > options.images:
        parser.error(f"--batches: found {max(options.batches)}, expected at most {options.images}, the number of images")
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))  # by way of race(), which ends the children

    results = {**circumstances(), "images": options.images, "rows": [], "ratios": []}
    for batch in options.batches:
        rows = race(options, expected_loss(images, labels, batch), batch)
        for row in rows:
            print(json.dumps(row), flush=True)
        results["rows"] += rows
        results["ratios"] = list(ratios(results["rows"]))
        if options.out:
            write_whole(options.out, json.dumps(results, indent=1) + "\n")
    for ratio in results["ratios"]:
        print(json.dumps(ratio))
    if options.out and options.out.resolve().parent == TABLES.parent / "results":
        subprocess.run([sys.executable, str(TABLES)], check=True)


if __name__ == "__main__":
    main()
