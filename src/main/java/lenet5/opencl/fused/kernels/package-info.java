/** A network's fused kernels on a device, with the data that they run on. */
package lenet5.opencl.fused.kernels;
