/** Whole epochs in one launch, whose work-groups wait for one another. */
package lenet5.opencl.fused.persistent;
