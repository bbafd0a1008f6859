/** The fused engine: a network's kernels written for it, a training step in a few launches; its variants and their knobs. */
package lenet5.opencl.fused;
