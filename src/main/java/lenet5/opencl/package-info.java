/**
 * The driver: devices, buffers, kernels, and the operations launched on them. The only package that knows JOCL. A
 * {@link lenet5.opencl.DeviceContext} is confined to one thread at a time.
 */
package lenet5.opencl;
