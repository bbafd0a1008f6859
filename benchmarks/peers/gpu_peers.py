#!/usr/bin/env python3
"""Training speed of PyTorch and JAX on this machine's GPU, on the work that lenet5 does, in turn with lenet5.

The work: 55,000 images of 32x32 resident on the device, a fresh shuffle each epoch, LeNet-5 with tanh and average pooling,
mean softmax cross-entropy, plain SGD at 0.01, float32. The figure is the time of an epoch's training, without validation.

The peers:
  eager    PyTorch, operation by operation
  graph    PyTorch, a step captured as a CUDA graph
  compile  PyTorch, the same with the loss compiled by torch.compile
  jax      JAX, the whole epoch one compiled scan

The last batch of an epoch is short (24 of 32 images). Eager mode and lenet5 train it as it is; graphs and scans have one
shape only, so they leave it out and their time is scaled to the whole number of steps ("short_batch_trained": false).

For each batch size every peer must first have the loss that plain NumPy computes from the same parameters and images; who
has not, or fails, is a row that says so. Everybody runs an epoch to warm up, then every round times one of everybody's.
The peers stay in this process; with --jar, lenet5 is a fresh process every round, of which the last of three epochs counts.

Prints one JSON object a line: date and command, a row for each contestant and batch size, at the end lenet5's best time
over the best peer's for each batch size.
"""
import argparse
import gzip
import json
import math
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

PEERS = "eager,graph,compile,jax"
IMAGES = 55_000
RATE = 0.01
CHECKED_IMAGES = 32
LOSS_TOLERANCE = 1e-4
TF32_LOSS_TOLERANCE = 1e-2  # ten bits of mantissa
# Weights and biases in lenet5's order and layout: [out, in, 5, 5] and [out, in].
SHAPES = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]


def read_idx(directory, name, header):
    plain, packed = Path(directory) / name, Path(directory) / (name + ".gz")
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


def load(directory):
    if directory is None:
        random = np.random.default_rng(1)
        pixels = random.integers(0, 256, (IMAGES, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, IMAGES)
    else:
        pixels = read_idx(directory, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)[:IMAGES]
        labels = read_idx(directory, "train-labels-idx1-ubyte", 8)[:IMAGES]
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


def expected_loss(images, labels):
    """The mean loss of the initial parameters, in plain numpy: the definition that every peer has to meet."""
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
    return float((np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).mean())


class Torch:
    """PyTorch; mode is "eager", "graph" or "compile"."""

    def __init__(self, mode, data, batch, tf32):
        import torch

        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cudnn.benchmark = True
        self.torch, self.mode, self.batch = torch, mode, batch
        self.x = torch.tensor(data[0], device="cuda").unsqueeze(1)
        self.y = torch.tensor(data[1], device="cuda")
        self.parameters = [torch.tensor(v, device="cuda", requires_grad=True) for v in initial_parameters()]
        self.order = torch.arange(len(self.x), device="cuda")
        self.first_loss = self.loss_of(self.x[:CHECKED_IMAGES], self.y[:CHECKED_IMAGES]).item()
        self.whole = mode == "eager"
        if not self.whole:
            self.capture()

    def loss_of(self, x, y):
        f = self.torch.nn.functional
        c1, d1, c2, d2, w1, b1, w2, b2, w3, b3 = self.parameters
        h = f.avg_pool2d(self.torch.tanh(f.conv2d(x, c1, d1)), 2)
        h = f.avg_pool2d(self.torch.tanh(f.conv2d(h, c2, d2)), 2).flatten(1)
        h = self.torch.tanh(f.linear(h, w1, b1))
        h = self.torch.tanh(f.linear(h, w2, b2))
        return f.cross_entropy(f.linear(h, w3, b3), y)

    def step(self, indices):
        loss = self.compiled if self.mode == "compile" else self.loss_of
        gradients = self.torch.autograd.grad(loss(self.x[indices], self.y[indices]), self.parameters)
        with self.torch.no_grad():
            self.torch._foreach_add_(self.parameters, gradients, alpha=-RATE)

    def capture(self):
        torch = self.torch
        if self.mode == "compile":
            self.compiled = torch.compile(self.loss_of, mode="max-autotune-no-cudagraphs")
        self.position = torch.zeros((), dtype=torch.int64, device="cuda")
        lanes = torch.arange(self.batch, device="cuda")

        def next_step():
            self.step(self.order[self.position + lanes])
            self.position.add_(self.batch)

        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):  # what is chosen or allocated at the first use must not be captured
                next_step()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            next_step()

    def epoch(self):
        torch = self.torch
        torch.cuda.synchronize()
        start = time.perf_counter()
        self.order.copy_(torch.randperm(len(self.x), device="cuda"))
        if self.whole:
            for indices in self.order.split(self.batch):
                self.step(indices)
        else:
            self.position.zero_()
            for _ in range(len(self.x) // self.batch):
                self.graph.replay()
        torch.cuda.synchronize()
        return time.perf_counter() - start


class Jax:
    """JAX; the mode is always "jax"."""

    whole = False

    def __init__(self, mode, data, batch, tf32):
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if tf32 else "highest")
        self.jax = jax
        x, y = jnp.asarray(data[0][:, None]), jnp.asarray(data[1].astype(np.int32))
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

        def step(parameters, indices):
            gradients = jax.grad(loss)(parameters, x[indices], y[indices])
            return [p - RATE * g for p, g in zip(parameters, gradients)], None

        def epoch(parameters, key):
            order = jax.random.permutation(key, len(x))[: len(x) // batch * batch]
            return jax.lax.scan(step, parameters, order.reshape(-1, batch))[0]

        self.first_loss = float(jax.jit(loss)(self.parameters, x[:CHECKED_IMAGES], y[:CHECKED_IMAGES]))
        self.run = jax.jit(epoch)

    def epoch(self):
        self.key, key = self.jax.random.split(self.key)
        start = time.perf_counter()
        self.parameters = self.jax.block_until_ready(self.run(self.parameters, key))
        return time.perf_counter() - start


class Ours:
    """`lenet5 train`, the last of three epochs; the program checks itself against its reference first."""

    whole = True
    first_loss = None

    def __init__(self, jar, engine, batch):
        self.command = ["java", "-jar", jar, "train", "--json", "--data", "synthetic", "--device", "gpu",
                        "--engine", engine, "--epochs", "3", "--batch-size", str(batch)]

    def epoch(self):
        lines = subprocess.run(self.command, check=True, capture_output=True, text=True).stdout.splitlines()
        return [e["train_seconds"] for e in map(json.loads, lines) if e["event"] == "epoch"][-1]


def contestants(options, data, batch):
    """The name and the maker of each."""
    if options.jar:
        for engine in options.engines.split(","):
            yield f"lenet5-{engine}", lambda engine=engine: Ours(options.jar, engine, batch)
    for peer in options.peers.split(","):
        kind = Jax if peer == "jax" else Torch
        yield peer, lambda kind=kind, peer=peer: kind(peer, data, batch, options.tf32)


def race(options, data, batch):
    """Opens and warms up everybody, then times them in turn; a failure of one must not hide the others' rows."""
    running, times, rows = {}, {}, []
    expected = expected_loss(data[0][:CHECKED_IMAGES], data[1][:CHECKED_IMAGES])
    tolerance = TF32_LOSS_TOLERANCE if options.tf32 else LOSS_TOLERANCE
    for name, open_it in contestants(options, data, batch):
        try:
            one = open_it()
            if one.first_loss is not None and not abs(one.first_loss - expected) <= tolerance:
                raise ValueError(f"its loss is {one.first_loss}, expected {expected}")
            one.epoch()
            running[name], times[name] = one, []
        except Exception as e:
            rows.append({"contestant": name, "batch": batch, "unmeasured": f"{type(e).__name__}: {e}"[:300]})
    for _ in range(options.rounds):
        for name, one in running.items():
            times[name].append(one.epoch())
    steps = math.ceil(IMAGES / batch)
    for name, one in running.items():
        scale = 1 if one.whole else steps / (IMAGES // batch)
        ms = [1e3 * scale * t for t in times[name]]
        rows.append({"contestant": name, "batch": batch, "ms_per_epoch": round(statistics.median(ms), 3),
                     "min_ms": round(min(ms), 3), "max_ms": round(max(ms), 3),
                     "us_per_step": round(1e3 * statistics.median(ms) / steps, 2), "short_batch_trained": one.whole})
    return rows


def ratio(rows, batch):
    def best(ours):
        return min((r["ms_per_epoch"] for r in rows
                    if "ms_per_epoch" in r and r["contestant"].startswith("lenet5-") == ours), default=None)

    ours, peer = best(True), best(False)
    measured = ours is not None and peer is not None
    return {"batch": batch, "ours_ms": ours, "best_peer_ms": peer,
            "ours_to_best_peer": round(ours / peer, 4) if measured else "unmeasured"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", help="a directory with MNIST's train-images-idx3-ubyte and "
                        "train-labels-idx1-ubyte, gzipped or not (default: noise, which is as fast)")
    parser.add_argument("--jar", help="run lenet5, too: target/lenet5-opencl-VERSION-all.jar")
    parser.add_argument("--engines", default="fused", help="engines of the jar, with commas (default: %(default)s)")
    parser.add_argument("--batches", default="32,1024,4096", help="images a step (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="timed epochs of each (default: %(default)s)")
    parser.add_argument("--peers", default=PEERS, help="some of %(default)s, which is the default")
    parser.add_argument("--tf32", action="store_true", help="let the peers use TF32 units; lenet5 computes in float32")
    options = parser.parse_args()
    for peer in options.peers.split(","):
        if peer not in PEERS.split(","):
            parser.error(f"--peers: unknown peer '{peer}', expected some of {PEERS}")
    print(json.dumps({"date": datetime.now(timezone.utc).isoformat(timespec="minutes"), "command": sys.argv}), flush=True)
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX would take the memory the others need
    data = load(options.data)
    ratios = []
    for batch in map(int, options.batches.split(",")):
        rows = race(options, data, batch)
        for row in rows:
            print(json.dumps(row), flush=True)
        ratios.append(ratio(rows, batch))
    for row in ratios:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
