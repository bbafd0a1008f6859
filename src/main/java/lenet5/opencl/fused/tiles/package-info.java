/** Several images a work-group, for GPUs and large batches. */
package lenet5.opencl.fused.tiles;
