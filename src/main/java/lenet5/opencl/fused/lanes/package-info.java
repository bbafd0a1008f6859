/** Sixteen images a work-item, for CPUs. */
package lenet5.opencl.fused.lanes;
