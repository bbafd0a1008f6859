/** A work-group an image, for GPUs. */
package lenet5.opencl.fused.images;
