"""The calls of jax.numpy that gpu_peers.py makes are NumPy's."""
from numpy import asarray, take_along_axis, tanh  # noqa: F401
