"""The calls of PyTorch that gpu_peers.py makes, in NumPy.

Memory is as on a device: a captured graph holds addresses and computes only when it is replayed, and memory whose last
tensor is gone, unless it is a graph's own, is filled with garbage. A parameter stands for its own gradient, so that the
parameters after any number of steps are known.
"""
import contextlib
from types import SimpleNamespace

import numpy as np
from faults import loss_error, strike

strike("import")

int64 = np.int64
gathered = []  # the images' indices, in the order of training
captured = None  # the calls of the graph that is being captured


class Memory:
    def __init__(self, array):
        self.array, self.of_graph = array, captured is not None

    def __del__(self):  # the array lives on where a graph has its address
        if not self.of_graph:
            self.array.fill(1 << 40 if self.array.dtype.kind == "i" else np.nan)


class Tensor:
    def __init__(self, array, memory=None):
        self.array, self.memory = array, memory or Memory(array)

    def view(self, array):
        assert np.shares_memory(array, self.array)
        return Tensor(array, self.memory)

    def __len__(self):
        return len(self.array)

    def __getitem__(self, key):
        return call(take, self, key) if isinstance(key, Tensor) else self.view(self.array[key])

    def __add__(self, other):
        return call(np.add, self, other)

    def unsqueeze(self, axis):
        return self.view(np.expand_dims(self.array, axis))

    def flatten(self, axis):
        return self.view(self.array.reshape(*self.array.shape[:axis], -1))

    def split(self, size):
        return [self.view(self.array[i:i + size]) for i in range(0, len(self), size)]

    def item(self):
        return self.array.item()

    def add_(self, number):
        change(lambda a: np.add(a, number, out=a), self)

    def zero_(self):
        change(lambda a: a.fill(0), self)

    def copy_(self, other):
        change(np.copyto, self, other)


def call(compute, *operands):
    """A new tensor; while a graph is being captured, what the call computes is for its shape only."""
    arrays = [o.array if isinstance(o, Tensor) else o for o in operands]
    result = np.array(compute(*arrays), order="C")
    if captured is not None:
        captured.append(lambda: np.copyto(result, compute(*arrays)))
    return Tensor(result)


def change(do, *operands):
    arrays = [o.array for o in operands]
    if captured is None:
        do(*arrays)
    else:
        captured.append(lambda: do(*arrays))


def take(values, indices):
    taken = values[indices]
    if values.ndim == 4:
        gathered.extend(indices.tolist())
    return taken


def tensor(values, device="cpu", requires_grad=False):
    return Tensor(np.array(values))


def zeros(shape, dtype, device):
    return Tensor(np.zeros(shape, dtype))


def arange(count, device):
    return Tensor(np.arange(count))


def randperm(count, device):
    strike("epoch")
    return Tensor(np.random.permutation(count))


def tanh(x):
    return call(np.tanh, x)


def convolved(x, weights, bias):
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], (2, 3))
    return np.einsum("nihwuv,oiuv->nohw", windows, weights, optimize=True) + bias[:, None, None]


def pooled(x, size):
    n, maps, height, width = x.shape
    return x.reshape(n, maps, height // size, size, width // size, size).mean((3, 5))


def cross_entropy(scores, labels):
    error = loss_error(backends.cudnn.allow_tf32 or backends.cuda.matmul.allow_tf32)
    return call(lambda z, y: (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), y]).mean() + error, scores, labels)


def _foreach_add_(tensors, others, alpha):
    for one, other in zip(tensors, others):
        change(lambda a, b: np.add(a, alpha * b, out=a), one, other)


def compile(function, mode):
    strike(mode)
    return function


class CUDAGraph:
    def replay(self):
        for one in self.calls:
            one()


@contextlib.contextmanager
def capturing(graph):
    global captured
    captured = graph.calls = []
    yield
    captured = None


nn = SimpleNamespace(functional=SimpleNamespace(
    conv2d=lambda x, weights, bias: call(convolved, x, weights, bias),
    avg_pool2d=lambda x, size: call(pooled, x, size),
    linear=lambda x, weights, bias: call(lambda h, w, b: h @ w.T + b, x, weights, bias),
    cross_entropy=cross_entropy))
autograd = SimpleNamespace(grad=lambda loss, parameters: [call(np.copy, p) for p in parameters])
no_grad = contextlib.nullcontext
backends = SimpleNamespace(cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=False)),
                           cudnn=SimpleNamespace(allow_tf32=True, benchmark=False))
Stream = SimpleNamespace(wait_stream=lambda other: None)
cuda = SimpleNamespace(CUDAGraph=CUDAGraph, graph=capturing, Stream=lambda: Stream, current_stream=lambda: Stream,
                       stream=contextlib.nullcontext, synchronize=lambda: None)
