/** Several work-groups an image, for GPUs and small batches. */
package lenet5.opencl.fused.shares;
