"""The calls of JAX that gpu_peers.py makes, in NumPy. A parameter stands for its own gradient."""
from types import SimpleNamespace

import numpy as np
from faults import loss_error, strike

strike("import")

precision = "default"


def update(option, value):
    global precision
    assert option == "jax_default_matmul_precision"
    precision = value


def grad(loss):
    def gradients(parameters, *inputs):
        loss(parameters, *inputs)
        return parameters

    return gradients


def conv(x, weights, strides, padding):
    assert (strides, padding) == ((1, 1), "VALID")
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], (2, 3))
    return np.einsum("nihwuv,oiuv->nohw", windows, weights, optimize=True)


def log_softmax(scores):
    return scores - np.log(np.exp(scores).sum(1, keepdims=True)) - loss_error(precision != "highest")


def scan(step, carried, each):
    for one in each:
        carried, _ = step(carried, one)
    return carried, None


def permutation(key, count):
    strike("epoch")
    return np.random.default_rng(key).permutation(count)


def default_backend():
    return "gpu"


def jit(function):
    return function


def block_until_ready(values):
    return values


config = SimpleNamespace(update=update)
lax = SimpleNamespace(conv=conv, scan=scan)
nn = SimpleNamespace(log_softmax=log_softmax)
random = SimpleNamespace(PRNGKey=lambda seed: seed, split=lambda key: (key + 1, key), permutation=permutation)
